import type {
  CustomBatchingDispatchSchedule,
  CustomBatchingPrioritizationStrategy,
  EvaluationPriority,
  LlamaContextSequence,
  Token,
} from "node-llama-cpp";
import { readRawLogprobs } from "./raw-logprobs";
import { type LlamaSampling, toEvaluateOptions } from "./sampling";
import type { StepSequence } from "./step-scheduler";

/**
 * A batch's items in ascending ids. node-llama-cpp queues them in the order in which promises settle, and shows a
 * strategy no sequence ids; so each item carries its id as its priority, and this strategy is the priority's only reader.
 */
export const ascendingIds: CustomBatchingPrioritizationStrategy = ({ items, size }) => {
  let left = size;
  return [...items]
    .sort((a, b) => a.evaluationPriority - b.evaluationPriority)
    .map((item) => {
      const processAmount = Math.min(item.tokens.length, left);
      left -= processAmount;
      return { item, processAmount };
    })
    .filter((item) => item.processAmount > 0);
};

/**
 * Starts a decode as soon as the sequences that were released together have queued their items, which takes them only
 * microtasks: Node runs all of these before the next tick. The library's default waits for a turn of the event loop, and so
 * for whatever the sockets have.
 */
export const dispatchOnceQueued: CustomBatchingDispatchSchedule = (dispatch) => process.nextTick(dispatch);

/** Tokens filled into an idle sequence before they are taken off again, which is a call of its own. */
const maxFill = 64;

/** A sequence of the context through node-llama-cpp's public interface. */
export class LlamaStepSequence implements StepSequence<LlamaSampling> {
  readonly #sequence: LlamaContextSequence;
  readonly #priority: EvaluationPriority;
  #generation: AsyncGenerator<{ token: Token }, void> | null = null;
  #logprobs: LlamaSampling["logprobs"];
  /** Length of the state before the first fill after a job; null: nothing was filled in. */
  #kept: number | null = null;

  /** `id`: the sequence's id in its context. */
  constructor(sequence: LlamaContextSequence, id: number) {
    this.#sequence = sequence;
    this.#priority = id as EvaluationPriority;
  }

  commonPrefix(prompt: readonly number[]): number {
    if (prompt.length === 0) return 0;
    return this.#sequence.compareContextTokens(prompt as Token[]).firstDifferentIndex;
  }

  async align(prefix: readonly number[]): Promise<number> {
    this.#kept = null;
    await this.#sequence.adaptStateToTokens(prefix as Token[], false);
    return this.#sequence.nextTokenIndex;
  }

  async feed(tokens: readonly number[]): Promise<void> {
    await this.#sequence.evaluateWithoutGeneratingNewTokens(tokens as Token[], {
      evaluationPriority: this.#priority,
    });
  }

  begin(tokens: readonly number[], sampling: LlamaSampling): Promise<number | null> {
    this.#logprobs = sampling.logprobs;
    this.#generation = this.#sequence.evaluateWithMetadata(
      tokens as Token[],
      {},
      { ...toEvaluateOptions(sampling), evaluationPriority: this.#priority },
    );
    return this.next();
  }

  async next(): Promise<number | null> {
    const result = await this.#generation?.next();
    if (result === undefined || result.done === true) return null;
    const { token } = result.value;
    const logprobs = this.#logprobs;
    if (logprobs !== undefined) {
      logprobs.take(await readRawLogprobs(this.#sequence, token, logprobs.top, this.#priority));
    }
    return token;
  }

  canFill(): boolean {
    // Where a state's end cannot be taken off, what was filled in would cost the whole prefix.
    if (this.#sequence.needsCheckpoints) return false;
    return this.#keptLength() + maxFill < this.#sequence.contextSize;
  }

  async fill(): Promise<void> {
    this.#kept ??= this.#sequence.nextTokenIndex;
    await this.#sequence.evaluateWithoutGeneratingNewTokens([0 as Token], {
      evaluationPriority: this.#priority,
    });
  }

  async clearFill(): Promise<void> {
    const end = this.#sequence.nextTokenIndex;
    const start = this.#keptLength();
    if (end - start >= maxFill) await this.#sequence.eraseContextTokenRanges([{ start, end }]);
  }

  /** Tokens of the state that are of use to a later prompt. */
  #keptLength(): number {
    return this.#kept ?? this.#sequence.nextTokenIndex;
  }

  async end(): Promise<void> {
    const generation = this.#generation;
    this.#generation = null;
    await generation?.return();
  }
}
