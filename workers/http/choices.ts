import type { FinishReason, Usage } from "@/lib/protocol";
import type { Engine, GenerateChunk, GenerateRequest } from "../engine/types";

/** A chunk of one of several answers; without `choice`, of the first one. */
export type ChoiceChunk = GenerateChunk & { choice?: number };

/**
 * Each request answered `count` times, chunks in the order in which they come; the answers to the first request come
 * first in the count of choices. A request's first answer has the seed that was given, each further one a seed derived
 * from it. Errors: the first that any answer has; the others are then ended.
 */
export function generateChoices(
  engine: Engine,
  requests: readonly GenerateRequest[],
  count: number,
  signal: AbortSignal,
): AsyncIterator<ChoiceChunk> {
  const [single] = requests;
  // No layer of its own around the usual case: it would cost every token a turn of the microtask queue.
  if (single !== undefined && requests.length === 1 && count === 1) {
    return engine.generate(single, signal)[Symbol.asyncIterator]();
  }
  return merge(
    (own) =>
      requests.flatMap((request) =>
        Array.from({ length: count }, (_, choice) => {
          const sampling = { ...request.sampling, seed: derivedSeed(request.sampling.seed, choice) };
          return engine.generate({ ...request, sampling }, own)[Symbol.asyncIterator]();
        }),
      ),
    signal,
  );
}

/** The seed of a further answer; none was given: none. */
export function derivedSeed(seed: number | undefined, choice: number): number | undefined {
  if (seed === undefined || choice === 0) return seed;
  // 2^32 divided by the golden ratio: consecutive multiples lie far apart, so that seeds 1, 2, 3 share no answers.
  return Number(BigInt.asUintN(32, BigInt(seed) + BigInt(choice) * 0x9e3779b1n));
}

/** Runs iterators side by side and yields what comes first; all are ended when one fails or the reader leaves. */
async function* merge(
  start: (signal: AbortSignal) => AsyncIterator<GenerateChunk>[],
  signal: AbortSignal,
): AsyncGenerator<ChoiceChunk, void, undefined> {
  const own = new AbortController();
  const iterators = start(AbortSignal.any([signal, own.signal]));
  // Never rejects: one that nobody waits for any more must not end the process.
  const pull = (choice: number): Promise<Pulled> =>
    Promise.resolve(iterators[choice]?.next()).then(
      (result) => ({ choice, result }),
      (error: unknown) => ({ choice, error }),
    );
  const pending = new Map(iterators.map((_, choice) => [choice, pull(choice)]));
  try {
    while (pending.size > 0) {
      const pulled = await Promise.race(pending.values());
      if ("error" in pulled) throw pulled.error;
      const { choice, result } = pulled;
      if (result === undefined || result.done === true) {
        pending.delete(choice);
        continue;
      }
      pending.set(choice, pull(choice));
      yield { ...result.value, choice };
    }
  } finally {
    // Before `return`: a generator takes it only when its running step has ended.
    own.abort();
    await Promise.all(iterators.map((iterator) => iterator.return?.()));
  }
}

type Pulled =
  | { choice: number; result: IteratorResult<GenerateChunk> | undefined }
  | { choice: number; error: unknown };

/** Waits for the end of all answers. */
export class ChoiceTally {
  readonly #reasons: (FinishReason | null)[];
  readonly #perPrompt: number;
  /** Prompts whose tokens are counted. */
  readonly #counted = new Set<number>();
  #left: number;
  #usage: Usage | null = null;

  /** `perPrompt`: answers to one prompt. */
  constructor(count: number, perPrompt: number) {
    this.#reasons = Array.from({ length: count }, () => null);
    this.#perPrompt = perPrompt;
    this.#left = count;
  }

  /** True: that was the last one. */
  finish(choice: number, reason: FinishReason, usage: Usage): boolean {
    this.#reasons[choice] = reason;
    this.#left--;
    const prompt = Math.floor(choice / this.#perPrompt);
    // A prompt is one, however many answers it has. What was cached is that of the answer that ended first.
    const promptTokens = this.#counted.has(prompt) ? 0 : usage.prompt_tokens;
    this.#counted.add(prompt);
    const before = this.#usage;
    this.#usage =
      before === null
        ? usage
        : {
            ...before,
            prompt_tokens: before.prompt_tokens + promptTokens,
            completion_tokens: before.completion_tokens + usage.completion_tokens,
            total_tokens: before.total_tokens + promptTokens + usage.completion_tokens,
          };
    return this.#left === 0;
  }

  /** Null until all have ended. */
  get usage(): Usage | null {
    return this.#left === 0 ? this.#usage : null;
  }

  reasonOf(choice: number): FinishReason {
    return this.#reasons[choice] ?? "stop";
  }
}
