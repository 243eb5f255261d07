import type { PreTrainedTokenizer } from "@huggingface/transformers";
import { fromByteLevel, fromSentencePiece } from "../byte-level";
import { ChatTemplate, type PromptPiece } from "../chat-template";
import type { TextCodec } from "../prompt-encoder";
import type { TokenLogprob } from "../types";
import { withoutControlTokens, withoutPrefixSpace } from "./tokenizer-variants";

export type TextCodecOptions = {
  tokenizer: PreTrainedTokenizer;
  contextLength: number;
  /** The model's chat template; null: it has none. */
  template: string | null;
};

/** A model's `tokenizer.json`, and its chat template. */
export class TransformersTextCodec implements TextCodec {
  readonly contextLength: number;
  readonly vocabularySize: number;
  readonly longestToken: number;
  readonly template: ChatTemplate | null;
  readonly #tokenizer: PreTrainedTokenizer;
  /** Parts of a prompt after the first one. */
  readonly #continued: PreTrainedTokenizer;
  /** Text of a user that looks like control tokens. */
  readonly #plain: PreTrainedTokenizer;
  readonly #isByteLevel: boolean;
  readonly #controlIds: ReadonlySet<number>;
  /** By id; some ids may have none. */
  readonly #spellings: string[] = [];

  /** Errors: an `Error` with one clear sentence, when the chat template cannot be parsed. */
  constructor({ tokenizer, contextLength, template }: TextCodecOptions) {
    this.#tokenizer = tokenizer;
    this.contextLength = contextLength;
    const json = tokenizer._tokenizerJSON as Readonly<Record<string, unknown>>;
    this.#continued = variant(tokenizer, withoutPrefixSpace(json));
    this.#plain = variant(tokenizer, withoutPrefixSpace(withoutControlTokens(json)));
    this.#isByteLevel = JSON.stringify([json["pre_tokenizer"], json["decoder"]]).includes('"ByteLevel"');
    this.#controlIds = new Set(tokenizer.all_special_ids);
    for (const [token, id] of tokenizer.get_vocab()) this.#spellings[id] = token;
    this.vocabularySize = this.#spellings.length;
    const longest = this.#spellings.reduce((length, token) => Math.max(length, token.length), 0);
    // Only BPE keeps every character of a text; others may drop spaces or make one token of a whole unknown word.
    const isBpe = (json["model"] as { type?: unknown } | undefined)?.type === "BPE";
    this.longestToken = isBpe && longest > 0 ? longest : Number.POSITIVE_INFINITY;
    this.template = template === null ? null : parseTemplate(tokenizer, template);
  }

  tokenize(pieces: readonly PromptPiece[], isChat: boolean): number[] {
    const [only] = pieces;
    // A raw text gets what the model has before and behind each text, such as [CLS] and [SEP].
    if (!isChat && only !== undefined && pieces.length === 1 && !only.isPlain) {
      return this.#tokenizer.encode(only.text, { add_special_tokens: true });
    }
    const tokens: number[] = [];
    for (const [index, { text, isPlain }] of pieces.entries()) {
      const ids = isPlain ? this.#encodePlain(text) : this.#encodePart(text, index === 0);
      // Not `push(...)`: a long prompt has more ids than a call takes arguments.
      for (const id of ids) tokens.push(id);
    }
    return tokens;
  }

  detokenize(tokens: readonly number[]): string {
    return this.#decode(tokens, false);
  }

  /** The text of generated ids without control tokens, `before` being the ids that precede them. */
  detokenizeAnswer(tokens: readonly number[], before: readonly number[]): string {
    // Bytes do not depend on what precedes them; other decoders drop the space before a first word.
    if (this.#isByteLevel) return this.#decode(tokens, true);
    const prefix = this.#decode(before, true);
    const whole = this.#decode([...before, ...tokens], true);
    return whole.startsWith(prefix) ? whole.slice(prefix.length) : this.#decode(tokens, true);
  }

  nameToken(token: number, logprob: number): TokenLogprob {
    const text = this.#isByteLevel ? this.#decode([token], false) : this.#textBehind(token);
    return { token: text, logprob, bytes: this.#bytesOf(token, text) };
  }

  #encodePart(text: string, isFirst: boolean): number[] {
    return (isFirst ? this.#tokenizer : this.#continued).encode(text, { add_special_tokens: false });
  }

  /** Ids that hold no control token, whatever the text. */
  #encodePlain(text: string): number[] {
    const ids = this.#plain.encode(text, { add_special_tokens: false });
    if (!ids.some((id) => this.#controlIds.has(id))) return ids;
    // A vocabulary of another kind than BPE may know the whole text as a piece; its characters are not.
    return [...text]
      .flatMap((character) => this.#plain.encode(character, { add_special_tokens: false }))
      .filter((id) => !this.#controlIds.has(id));
  }

  /** With the space that decoders drop from a first word. */
  #textBehind(token: number): string {
    const alone = this.#decode([token], false);
    const twice = this.#decode([token, token], false);
    return twice.startsWith(alone) ? twice.slice(alone.length) : alone;
  }

  #bytesOf(token: number, text: string): number[] {
    if (this.#controlIds.has(token)) return [...Buffer.from(text)];
    const spelling = this.#spellings[token] ?? "";
    if (this.#isByteLevel) return fromByteLevel(spelling) ?? [...Buffer.from(text)];
    return /^<0x[0-9A-F]{2}>$/i.test(spelling) ? fromSentencePiece(spelling) : [...Buffer.from(text)];
  }

  #decode(tokens: readonly number[], isControlHidden: boolean): string {
    // A model's table of tokens may be padded with ids that stand for nothing.
    const known = tokens.filter((token) => this.#spellings[token] !== undefined);
    if (known.length === 0) return "";
    return this.#tokenizer.decode(known, {
      skip_special_tokens: isControlHidden,
      // It changes text: " ." would become ".".
      clean_up_tokenization_spaces: false,
    });
  }
}

function variant(tokenizer: PreTrainedTokenizer, json: object): PreTrainedTokenizer {
  const Tokenizer = tokenizer.constructor as new (json: object, config: object) => PreTrainedTokenizer;
  return new Tokenizer(json, tokenizer.config);
}

function parseTemplate(tokenizer: PreTrainedTokenizer, source: string): ChatTemplate {
  try {
    return new ChatTemplate({
      source,
      bosToken: tokenizer.bos_token ?? "",
      eosToken: tokenizer.eos_token ?? "",
      controlTexts: tokenizer.all_special_tokens,
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The model's chat template cannot be parsed: ${reason}`, { cause });
  }
}
