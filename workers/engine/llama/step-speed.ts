/** What a step decoded: answers of one token each, and prompt tokens. */
export type StepLoad = { answers: number; promptTokens: number };

/** Units in which a usual step's number is near 1, so that an error goes to both parts of a cost, or to the larger one. */
const answersUnit = 8;
const promptUnit = 32;
/** Share of an error that is corrected at once. */
const gain = 0.25;
/** The first decodes also pay for what is done once (buffers; on a GPU, compiled kernels) and say nothing of later ones. */
const unmeasuredSteps = 2;
/** A step that took longer than this many times what was expected counts as this long: the machine was busy elsewhere. */
const maxSurprise = 3;
/**
 * Chunks of one size do not tell what a larger one would cost, and an estimate that is too high keeps chunks small for ever.
 * So with each repetition of a chunk up to `mostEased` this share of its slope is taken for fixed cost, until a larger
 * chunk is tried and tells.
 */
const ease = 0.1;
const mostEased = 256;
/** A chunk is at most this many times the one before: what was never tried is only guessed. */
const growth = 2;
/** Where even the smallest chunk takes longer than the target, this many times as long is as good: its cost is mostly fixed. */
const besideSmallest = 1.5;

/**
 * What a step takes, learned from the steps themselves. A step without prompt tokens tells what answers cost, one with them
 * what they cost beyond that: neither is forgotten while there are only steps of the other kind.
 */
export class StepSpeed {
  #steps = 0;
  readonly #answers = new LinearCost(answersUnit);
  /** A prompt's chunk is a pass of its own, so it has a fixed part, too. */
  readonly #prompt = new LinearCost(promptUnit);

  /** Tells what a step took. */
  note({ answers, promptTokens }: StepLoad, ms: number): void {
    this.#steps++;
    if (this.#steps <= unmeasuredSteps) return;
    if (promptTokens === 0) this.#answers.note(answers, ms);
    else this.#prompt.note(promptTokens, Math.max(0, ms - (this.#costOfAnswers(answers) ?? 0)));
  }

  /** Milliseconds; null: nothing has been measured that tells. */
  expect({ answers, promptTokens }: StepLoad): number | null {
    const plain = this.#costOfAnswers(answers);
    if (promptTokens === 0) return plain;
    const more = this.#prompt.expect(promptTokens);
    return more === null ? null : (plain ?? 0) + more;
  }

  #costOfAnswers(answers: number): number | null {
    return answers === 0 ? 0 : this.#answers.expect(answers);
  }
}

/**
 * `fixed + each · count`, both at least 0, by normalised least mean squares. Source: Widrow and Hoff, "Adaptive switching
 * circuits" (1960).
 */
class LinearCost {
  readonly #unit: number;
  #weights: { fixed: number; each: number } | null = null;
  #latest = 0;

  constructor(unit: number) {
    this.#unit = unit;
  }

  note(count: number, ms: number): void {
    const expected = this.expect(count);
    const error = expected === null ? ms : Math.min(ms, expected * maxSurprise) - expected;
    const feature = count / this.#unit;
    const rate = ((expected === null ? 1 : gain) * error) / (1 + feature * feature);
    const { fixed, each } = this.#weights ?? { fixed: 0, each: 0 };
    const slope = Math.max(0, each + rate * feature);
    const eased = count === this.#latest && count >= minChunk && count <= mostEased ? slope * ease : 0;
    // Never all zero, from where a limited surprise could not lead away.
    this.#weights = { fixed: Math.max(0.01, fixed + rate) + eased * feature, each: slope - eased };
    this.#latest = count;
  }

  expect(count: number): number | null {
    const weights = this.#weights;
    return weights === null ? null : weights.fixed + (weights.each * count) / this.#unit;
  }
}

export type ChunkLimits = {
  /** Tokens that one decode takes. */
  batchTokens: number;
  /** A step beside running answers may take this long, … */
  targetMs: number;
  /** … or this many times a step without prompt tokens, if that is longer. */
  targetSlowdown: number;
};

/** A smaller chunk costs nearly as much as this one, as the weights are read once for each decode. */
export const minChunk = 64;
/** Before anything was measured. */
export const unmeasuredChunk = 128;

/**
 * Prompt tokens of a step beside `answers` running ones: as many as keep the gap between two tokens of an answer within the
 * target, in whole multiples of `minChunk`. `latest`: the chunk of the latest such step.
 */
export function chooseChunk(
  expect: (load: StepLoad) => number | null,
  answers: number,
  { batchTokens, targetMs, targetSlowdown }: ChunkLimits,
  latest: number,
): number {
  const plain = expect({ answers, promptTokens: 0 });
  if (plain === null || expect({ answers, promptTokens: minChunk }) === null) {
    return Math.min(unmeasuredChunk, batchTokens);
  }
  const aim = Math.max(targetMs, targetSlowdown * plain);
  const smallest = expect({ answers, promptTokens: minChunk }) ?? 0;
  const target = smallest <= aim ? aim : besideSmallest * smallest;
  const most = Math.min(batchTokens, Math.max(unmeasuredChunk, growth * latest));
  let chunk = Math.min(minChunk, batchTokens);
  while (chunk + minChunk <= most) {
    const longer = expect({ answers, promptTokens: chunk + minChunk });
    if (longer === null || longer > target) break;
    chunk += minChunk;
  }
  return chunk;
}
