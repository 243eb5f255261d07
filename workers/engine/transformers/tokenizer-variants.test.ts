import { PreTrainedTokenizer } from "@huggingface/transformers";
import { describe, expect, it } from "vitest";
import { withoutControlTokens, withoutPrefixSpace } from "./tokenizer-variants";

const flags = { single_word: false, lstrip: false, rstrip: false, normalized: false };
const vocab = ["<s>", "<think>", "\u2581", "\u2581a", "a", "<", "s", ">", "t", "h", "i", "n", "k"];
/** As SentencePiece models are converted: a space goes before each text. */
const metaspace = {
  added_tokens: [
    { id: 0, content: "<s>", special: true, ...flags },
    { id: 1, content: "<think>", special: false, ...flags },
  ],
  normalizer: null,
  pre_tokenizer: { type: "Metaspace", replacement: "\u2581", prepend_scheme: "always", split: false },
  post_processor: null,
  decoder: { type: "Metaspace", replacement: "\u2581", prepend_scheme: "always" },
  model: {
    type: "BPE",
    unk_token: null,
    fuse_unk: false,
    byte_fallback: false,
    vocab: Object.fromEntries(vocab.map((token, id) => [token, id])),
    merges: ["\u2581 a"],
  },
};

function tokenize(json: object, text: string): string[] {
  return new PreTrainedTokenizer(json, {}).tokenize(text, { add_special_tokens: false });
}

describe("tokenizer variants", () => {
  it("keep a control token's text apart, and other added tokens whole", () => {
    expect(tokenize(metaspace, "<s>")).toEqual(["<s>"]);
    expect(tokenize(withoutPrefixSpace(withoutControlTokens(metaspace)), "<s>")).toEqual(["<", "s", ">"]);
    expect(tokenize(withoutControlTokens(metaspace), "<think>")).toEqual(["<think>"]);
  });

  it("put no space before a later part", () => {
    expect(tokenize(metaspace, "a")).toEqual(["\u2581a"]);
    expect(tokenize(withoutPrefixSpace(metaspace), "a")).toEqual(["a"]);
    const legacy = {
      ...metaspace,
      pre_tokenizer: null,
      normalizer: {
        type: "Sequence",
        normalizers: [
          { type: "Prepend", prepend: "\u2581" },
          { type: "Replace", pattern: { String: " " }, content: "\u2581" },
        ],
      },
    };
    expect(tokenize(legacy, "a")).toEqual(["\u2581a"]);
    expect(tokenize(withoutPrefixSpace(legacy), "a")).toEqual(["a"]);
  });
});
