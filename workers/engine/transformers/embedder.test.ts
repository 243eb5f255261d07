import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { OnnxGraph } from "../../models/export/onnx-proto";
import { busyMachine } from "../../test-support";
import { TransformersEngine } from "./transformers-engine";

vi.setConfig(busyMachine);

const words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "king", "queen"];
/** The state of a token is its row, whatever stands around it. */
const rows = [
  [0, 0],
  [0, 0],
  [1, 0],
  [0, 3],
  [2, 2],
  [4, -1],
  [-2, 5],
];

/** An encoder as sentence-transformers exports them, with the least that one needs. */
async function writeEncoder(folder: string): Promise<void> {
  const graph = new OnnxGraph();
  const ids = graph.input("input_ids", "int64", ["batch_size", "sequence_length"]);
  graph.input("attention_mask", "int64", ["batch_size", "sequence_length"]);
  graph.input("token_type_ids", "int64", ["batch_size", "sequence_length"]);
  graph.node("Gather", [graph.floats(rows.flat(), [rows.length, 2]), ids], {}, "last_hidden_state");
  graph.output("last_hidden_state", "float", ["batch_size", "sequence_length", 2]);
  const files = {
    "onnx/model.onnx": graph.model("encoder", 18),
    "config.json": { architectures: ["BertModel"], model_type: "bert", max_position_embeddings: 8 },
    "tokenizer_config.json": { tokenizer_class: "BertTokenizer", model_max_length: 6 },
    "tokenizer.json": {
      added_tokens: words.slice(0, 4).map((content, id) => ({
        id,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, lowercase: true },
      pre_tokenizer: { type: "BertPreTokenizer" },
      post_processor: {
        type: "TemplateProcessing",
        single: [
          { SpecialToken: { id: "[CLS]", type_id: 0 } },
          { Sequence: { id: "A", type_id: 0 } },
          { SpecialToken: { id: "[SEP]", type_id: 0 } },
        ],
        pair: [],
        special_tokens: Object.fromEntries(
          ["[CLS]", "[SEP]"].map((id) => [id, { id, ids: [words.indexOf(id)], tokens: [id] }]),
        ),
      },
      decoder: { type: "WordPiece", prefix: "##", cleanup: true },
      model: {
        type: "WordPiece",
        unk_token: "[UNK]",
        continuing_subword_prefix: "##",
        max_input_chars_per_word: 100,
        vocab: Object.fromEntries(words.map((word, id) => [word, id])),
      },
    },
  };
  await mkdir(join(folder, "onnx"));
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(folder, name), Buffer.isBuffer(content) ? content : JSON.stringify(content));
  }
}

describe("an encoder", () => {
  const signal = new AbortController().signal;
  let folder = "";
  let engine: TransformersEngine;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "encoder-"));
    await writeEncoder(folder);
    engine = new TransformersEngine({
      model: folder,
      dtype: null,
      threads: 1,
      slots: 1,
      contextLength: null,
      hasEmbeddings: false,
      cacheFolder: "no-cache",
      logger: pino({ level: "silent" }),
      labels: { name: "encoder", displayName: null, organization: null, licence: null, tags: [] },
    });
    await engine.load();
  });
  afterAll(async () => {
    await engine.dispose();
    await rm(folder, { recursive: true });
  });

  it("offers embeddings without being told to, and nothing else", () => {
    expect(engine.models()).toMatchObject([{ capabilities: ["embedding"], contextLength: 6 }]);
  });

  it("takes the mean over the text with its [CLS] and [SEP], of length 1", async () => {
    const { vectors, promptTokens } = await engine.embed("encoder", ["The king", [4, 6]], signal);
    // Sums: (1+2+4+0, 0+2-1+3) = (7, 4), and ids as they are: (2-2, 2+5) = (0, 7).
    const length = Math.hypot(7, 4);
    expect(vectors[0]).toEqual([expect.closeTo(7 / length, 6), expect.closeTo(4 / length, 6)]);
    expect(vectors[1]).toEqual([0, 1]);
    expect(promptTokens).toBe(6);
  });

  it("takes a text that just fits, and names both numbers of one that does not", async () => {
    expect((await engine.embed("encoder", ["the king the queen"], signal)).promptTokens).toBe(6);
    await expect(engine.embed("encoder", ["the king and the queen"], signal)).rejects.toMatchObject({
      code: "context_length_exceeded",
      details: { contextLength: 6, promptTokens: 7 },
    });
  });

  it("refuses what a decoder does", async () => {
    const chunks = engine.generate(
      {
        model: "encoder",
        prompt: { kind: "text", text: "the" },
        maxTokens: 1,
        stop: [],
        sampling: {},
        ignoresEndOfTurn: false,
        mayReusePrefix: true,
      },
      signal,
    );
    await expect(chunks[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: "unsupported_parameter",
      param: "model",
    });
  });
});
