import type { FinishReason } from "@/lib/protocol";
import type { StopMatcher } from "../stop-matcher";
import type { GenerateChunk } from "../types";
import type { IncrementalDetokenizer } from "./detokenizer";

export type AnswerOptions = {
  promptTokens: number;
  maxTokens: number;
  detokenizer: IncrementalDetokenizer;
  stopMatcher: StopMatcher;
  emit(chunk: GenerateChunk): void;
};

/** One answer in the making: tokens in, whole text out, and the reason why it ends. */
export class Answer {
  /** Sampled tokens that have a text, in order. */
  readonly tokens: number[] = [];
  readonly #options: AnswerOptions;
  #cachedTokens = 0;
  /** All sampled tokens: an end-of-turn token counts too, as in llama-server and vLLM. */
  #completionTokens = 0;
  #firstAt = 0;
  #lastAt = 0;

  constructor(options: AnswerOptions) {
    this.#options = options;
  }

  start(cachedTokens: number): void {
    this.#cachedTokens = cachedTokens;
  }

  /** False: the answer has ended with this token. */
  push(token: number): boolean {
    this.#count();
    this.tokens.push(token);
    const { text, isStopped } = this.#options.stopMatcher.push(this.#options.detokenizer.push(token));
    this.#emitText(text);
    if (!isStopped && this.#completionTokens < this.#options.maxTokens) return true;
    this.#finish(isStopped ? "stop" : "length");
    return false;
  }

  /** The model ended its turn. */
  end(): void {
    this.#count();
    this.#finish("stop");
  }

  /** Generation speed without the prompt; null for an answer of one token. */
  tokensPerSecond(): number | null {
    const seconds = (this.#lastAt - this.#firstAt) / 1000;
    return seconds > 0 ? (this.#completionTokens - 1) / seconds : null;
  }

  #count(): void {
    this.#lastAt = performance.now();
    if (this.#completionTokens === 0) this.#firstAt = this.#lastAt;
    this.#completionTokens++;
  }

  #emitText(text: string): void {
    if (text !== "") this.#options.emit({ kind: "text", text });
  }

  #finish(finishReason: FinishReason): void {
    this.#emitText(this.#options.stopMatcher.flush());
    const { promptTokens } = this.#options;
    this.#options.emit({
      kind: "finish",
      finishReason,
      usage: {
        prompt_tokens: promptTokens,
        completion_tokens: this.#completionTokens,
        total_tokens: promptTokens + this.#completionTokens,
        prompt_tokens_details: { cached_tokens: this.#cachedTokens },
      },
    });
  }
}
