import { AppError } from "@/lib/errors";
import type { ChatTemplate, PromptPiece } from "./chat-template";
import type { Prompt, ToolUse, Turn } from "./types";

/** One loaded model's tokenizer and template, whatever the library behind it. */
export type TextCodec = {
  /** Tokens that prompt and answer may have together. */
  readonly contextLength: number;
  readonly vocabularySize: number;
  /** Characters of the longest token: no text has fewer tokens than its length divided by this. Infinity: not known. */
  readonly longestToken: number;
  /** Null: the model takes no conversations. */
  readonly template: ChatTemplate | null;
  /** `isChat`: the template has written the whole prompt, so only what every prompt needs is added to it. */
  tokenize(pieces: readonly PromptPiece[], isChat: boolean): number[];
  /** The text of ids that stand alone, control tokens included. The ids are in the vocabulary. */
  detokenize(tokens: readonly number[]): string;
};

/** Prompts to ids for one loaded model, and ids back to text. */
export class PromptEncoder {
  readonly #codec: TextCodec;

  constructor(codec: TextCodec) {
    this.#codec = codec;
  }

  /**
   * The prompt's ids. Errors: `context_length_exceeded` with both numbers, one token of room being the least an answer
   * needs; `invalid_request` for an empty prompt or ids outside the vocabulary.
   */
  encode(prompt: Prompt, tools?: ToolUse, param = prompt.kind === "chat" ? "messages" : "prompt"): number[] {
    const tokens =
      prompt.kind === "tokens" ? this.#checked(prompt.tokens) : this.#encodeText(prompt, param, tools);
    const limit = this.#codec.contextLength;
    if (tokens.length >= limit) throw tooLong(param, limit, tokens.length, String(tokens.length));
    if (tokens.length > 0) return tokens;
    throw new AppError("invalid_request", { message: "The prompt is empty.", param });
  }

  /**
   * The ids of a text that is embedded, or its ids checked. `limit`: tokens at most, less than the context where memory
   * says so. Errors: as {@link encode}, with the param `input`.
   */
  encodeInput(input: string | readonly number[], limit: number): number[] {
    const { longestToken } = this.#codec;
    const least = typeof input === "string" ? Math.ceil(input.length / longestToken) : input.length;
    if (least > limit) throw inputTooLong(limit, least, `at least ${least}`);
    const tokens = typeof input === "string" ? this.tokenize(input) : this.#checked(input, "input");
    if (tokens.length > limit) throw inputTooLong(limit, tokens.length, String(tokens.length));
    if (tokens.length > 0) return tokens;
    throw new AppError("invalid_request", { message: "An input is empty.", param: "input" });
  }

  /** As {@link encode} has it, however long it is. */
  encodeChat(turns: readonly Turn[]): number[] {
    return this.#codec.tokenize(this.#template().render(turns), true);
  }

  tokenize(text: string): number[] {
    return this.#codec.tokenize([{ text, isPlain: false }], false);
  }

  /** The text of ids that stand alone, control tokens included. Errors: `invalid_request`. */
  detokenize(tokens: readonly number[]): string {
    return this.#codec.detokenize(this.#checked(tokens));
  }

  #encodeText(
    prompt: Exclude<Prompt, { kind: "tokens" }>,
    param: string,
    tools: ToolUse | undefined,
  ): number[] {
    const pieces =
      prompt.kind === "chat"
        ? this.#template().render(prompt.turns, tools?.tools)
        : [{ text: prompt.text, isPlain: false }];
    this.refuseEndless(
      pieces.reduce((sum, { text }) => sum + text.length, 0),
      param,
    );
    return this.#codec.tokenize(pieces, prompt.kind === "chat");
  }

  /**
   * Tokenizing holds the event loop up. A text that cannot fit however it is cut is refused before that.
   * Errors: `context_length_exceeded`.
   */
  refuseEndless(characters: number, param: string): void {
    const { contextLength, longestToken } = this.#codec;
    const least = Math.ceil(characters / longestToken);
    if (least >= contextLength) throw tooLong(param, contextLength, least, `at least ${least}`);
  }

  #template(): ChatTemplate {
    const { template } = this.#codec;
    if (template !== null) return template;
    throw new AppError("unsupported_parameter", {
      message: "The model has no chat template, so it takes no conversations.",
      param: "messages",
    });
  }

  /** The libraries do not look at ids: a wrong one could end the process. */
  #checked(tokens: readonly number[], param = "prompt"): number[] {
    const { vocabularySize } = this.#codec;
    const wrong = tokens.find((token) => !Number.isInteger(token) || token < 0 || token >= vocabularySize);
    if (wrong === undefined) return [...tokens];
    throw new AppError("invalid_request", {
      message: `The token id ${wrong} is not in the vocabulary of ${vocabularySize} tokens.`,
      param,
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

function inputTooLong(contextLength: number, promptTokens: number, promptText: string): AppError {
  return new AppError("context_length_exceeded", {
    message: `An input takes at most ${contextLength} tokens, and this one has ${promptText}.`,
    param: "input",
    details: { contextLength, promptTokens },
  });
}
