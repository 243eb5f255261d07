import { type LlamaModel, LlamaVocabularyType, type Token } from "node-llama-cpp";
import { AppError } from "@/lib/errors";
import type { Prompt, ToolUse, Turn } from "../types";
import { ChatTemplate, type PromptPiece } from "./chat-template";
import type { LoadedModel } from "./load-model";

/** Prompts to ids for one loaded model, and ids back to text. */
export class PromptEncoder {
  readonly #model: LlamaModel;
  readonly #contextLength: number;
  readonly #template: ChatTemplate;
  /** Characters of the longest token: no text has fewer tokens than its length divided by this. */
  readonly #longestToken: number;
  readonly #vocabularySize: number;

  /** Errors: an `Error` with one clear sentence, when the file has no chat template that can be parsed. */
  constructor(loaded: LoadedModel) {
    this.#model = loaded.model;
    this.#contextLength = loaded.contextLength;
    this.#template = readTemplate(loaded);
    const spellings = loaded.model.fileInfo.metadata.tokenizer?.ggml?.tokens ?? [];
    const longest = spellings.reduce((length, token) => Math.max(length, token.length), 0);
    this.#longestToken = longest === 0 ? Number.POSITIVE_INFINITY : longest;
    this.#vocabularySize = [...loaded.model.iterateAllTokens()].length;
  }

  /**
   * The prompt's ids. Errors: `context_length_exceeded` with both numbers, one token of room being the least an answer
   * needs; `invalid_request` for an empty prompt or ids outside the vocabulary.
   */
  encode(prompt: Prompt, tools?: ToolUse, param = prompt.kind === "chat" ? "messages" : "prompt"): number[] {
    const tokens =
      prompt.kind === "tokens" ? this.#checked(prompt.tokens) : this.#encodeText(prompt, param, tools);
    const limit = this.#contextLength;
    if (tokens.length >= limit) throw tooLong(param, limit, tokens.length, String(tokens.length));
    if (tokens.length > 0) return tokens;
    throw new AppError("invalid_request", { message: "The prompt is empty.", param });
  }

  /** As {@link encode} has it, however long it is. */
  encodeChat(turns: readonly Turn[]): number[] {
    return this.#tokenize(this.#template.render(turns));
  }

  tokenize(text: string): number[] {
    return this.#tokenize([{ text, isPlain: false }]);
  }

  /** The text of ids that stand alone, control tokens included. Errors: `invalid_request`. */
  detokenize(tokens: readonly number[]): string {
    return this.#model.detokenize(this.#checked(tokens) as Token[], true);
  }

  #encodeText(
    prompt: Exclude<Prompt, { kind: "tokens" }>,
    param: string,
    tools: ToolUse | undefined,
  ): number[] {
    const pieces =
      prompt.kind === "chat"
        ? this.#template.render(prompt.turns, tools?.tools)
        : [{ text: prompt.text, isPlain: false }];
    // Tokenizing holds the event loop up. A text that cannot fit however it is cut is refused before that.
    const least = Math.ceil(pieces.reduce((sum, { text }) => sum + text.length, 0) / this.#longestToken);
    if (least >= this.#contextLength) {
      throw tooLong(param, this.#contextLength, least, `at least ${least}`);
    }
    return this.#tokenize(pieces);
  }

  #tokenize(pieces: readonly PromptPiece[]): number[] {
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

  /** The library does not look at ids: a wrong one would end the process. */
  #checked(tokens: readonly number[]): number[] {
    const wrong = tokens.find(
      (token) => !Number.isInteger(token) || token < 0 || token >= this.#vocabularySize,
    );
    if (wrong === undefined) return [...tokens];
    throw new AppError("invalid_request", {
      message: `The token id ${wrong} is not in the vocabulary of ${this.#vocabularySize} tokens.`,
      param: "prompt",
    });
  }
}

function tooLong(param: string, contextLength: number, promptTokens: number, promptText: string): AppError {
  const subject = param === "messages" ? "messages alone have" : "prompt alone has";
  return new AppError("context_length_exceeded", {
    message: `The context takes ${contextLength} tokens with the answer, and the ${subject} ${promptText}.`,
    param,
    details: { contextLength, promptTokens },
  });
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
