import { type LlamaModel, LlamaVocabularyType, type Token } from "node-llama-cpp";
import { ChatTemplate, type PromptPiece } from "../chat-template";
import type { TextCodec } from "../prompt-encoder";
import type { LoadedModel } from "./load-model";

/** A GGUF file's tokenizer and template. */
export class LlamaTextCodec implements TextCodec {
  readonly contextLength: number;
  readonly vocabularySize: number;
  readonly longestToken: number;
  readonly template: ChatTemplate;
  readonly #model: LlamaModel;

  /** Errors: an `Error` with one clear sentence, when the file has no chat template that can be parsed. */
  constructor(loaded: LoadedModel) {
    this.#model = loaded.model;
    this.contextLength = loaded.contextLength;
    this.template = readTemplate(loaded);
    const spellings = loaded.model.fileInfo.metadata.tokenizer?.ggml?.tokens ?? [];
    const longest = spellings.reduce((length, token) => Math.max(length, token.length), 0);
    this.longestToken = longest === 0 ? Number.POSITIVE_INFINITY : longest;
    this.vocabularySize = [...loaded.model.iterateAllTokens()].length;
  }

  tokenize(pieces: readonly PromptPiece[]): number[] {
    const isSpaceMarking = this.#model.vocabularyType === LlamaVocabularyType.spm;
    const tokens: number[] = [];
    for (const [index, piece] of pieces.entries()) {
      // A SentencePiece tokenizer puts a space before each text it is given; only the first piece may have it.
      const trim = isSpaceMarking && index > 0 ? "trimLeadingSpace" : undefined;
      // Not `push(...)`: a long prompt has more ids than a call takes arguments.
      for (const token of this.#model.tokenize(piece.text, !piece.isPlain, trim)) tokens.push(token);
    }
    const { bos, shouldPrependBosToken } = this.#model.tokens;
    if (shouldPrependBosToken && bos !== null && tokens[0] !== bos) tokens.unshift(bos);
    return tokens;
  }

  detokenize(tokens: readonly number[]): string {
    return this.#model.detokenize(tokens as Token[], true);
  }
}

function readTemplate({ model, path }: LoadedModel): ChatTemplate {
  const source = model.fileInfo.metadata.tokenizer?.chat_template;
  if (source === undefined || source === "") throw new Error(`The model ${path} has no chat template.`);
  try {
    return new ChatTemplate({
      source,
      bosToken: model.tokens.bosString ?? "",
      eosToken: model.tokens.eosString ?? "",
      controlTexts: controlTexts(model),
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The chat template of ${path} cannot be parsed: ${reason}`, { cause });
  }
}

/** Texts of the tokens that llama.cpp recognises only when it is told to parse special tokens. */
function controlTexts(model: LlamaModel): string[] {
  const texts: string[] = [];
  for (const token of model.iterateAllTokens()) {
    const attributes = model.getTokenAttributes(token);
    if (attributes.control || attributes.unknown) texts.push(model.detokenize([token], true));
  }
  return texts;
}
