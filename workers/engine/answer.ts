import type { FinishReason } from "@/lib/protocol";
import type { IncrementalDetokenizer } from "./detokenizer";
import { LogprobQueue } from "./logprob-queue";
import type { StopMatcher } from "./stop-matcher";
import type { GenerateChunk, SampledLogprob } from "./types";

export type AnswerOptions = {
  promptTokens: number;
  maxTokens: number;
  detokenizer: IncrementalDetokenizer;
  stopMatcher: StopMatcher;
  emit(chunk: GenerateChunk): void;
  /** Called for each token as it is pushed; null: not asked for. */
  logprobOf: ((token: number) => SampledLogprob) | null;
};

/** One answer in the making: tokens in, whole text out, and the reason why it ends. */
export class Answer {
  /** Sampled tokens that have a text, in order. */
  readonly tokens: number[] = [];
  readonly #options: AnswerOptions;
  readonly #logprobs: LogprobQueue | null;
  #cachedTokens = 0;
  /** All sampled tokens: an end-of-turn token counts too, as in llama-server and vLLM. */
  #completionTokens = 0;
  #firstAt = 0;
  #lastAt = 0;

  constructor(options: AnswerOptions) {
    this.#options = options;
    this.#logprobs = options.logprobOf === null ? null : new LogprobQueue();
  }

  start(cachedTokens: number): void {
    this.#cachedTokens = cachedTokens;
  }

  /** False: the answer has ended with this token. */
  push(token: number): boolean {
    this.#count();
    this.tokens.push(token);
    const { detokenizer, stopMatcher, logprobOf } = this.#options;
    const piece = detokenizer.push(token);
    if (logprobOf !== null) this.#logprobs?.push(logprobOf(token), piece.length);
    const { text, isStopped } = stopMatcher.push(piece);
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
    if (text === "") return;
    if (this.#logprobs === null) this.#options.emit({ kind: "text", text });
    else this.#options.emit({ kind: "text", text, logprobs: this.#logprobs.take(text.length) });
  }

  #finish(finishReason: FinishReason): void {
    this.#emitText(this.#options.stopMatcher.flush());
    // Tokens that never became a whole character.
    const logprobs = this.#logprobs?.take(0) ?? [];
    if (logprobs.length > 0) this.#options.emit({ kind: "text", text: "", logprobs });
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
