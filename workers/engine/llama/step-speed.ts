/** What a step decoded: answers of one token each, and prompt tokens. */
export type StepLoad = { answers: number; promptTokens: number };

/** Units that make a usual step's features about equal, so that an error is put down to what the step had most of. */
const answersUnit = 8;
const promptUnit = 32;
/** Share of an error that is corrected at once. */
const gain = 0.25;
/** The first decodes also pay for what is done once (buffers; on a GPU, compiled kernels) and say nothing of later ones. */
const unmeasuredSteps = 2;
/** A step that took longer than this many times what was expected counts as this long: the machine was busy elsewhere. */
const maxSurprise = 3;

/**
 * What a step takes: `base + perAnswer · answers + perPromptToken · prompt tokens`, learned from the steps themselves by normalised
 * least mean squares. Each step corrects the estimate along its own features only, so what a prompt costs is not forgotten while
 * none is read. Source: Widrow and Hoff, "Adaptive switching circuits" (1960); Haykin, "Adaptive Filter Theory", chapter on NLMS.
 */
export class StepSpeed {
  #steps = 0;
  /** Milliseconds for one unit of each feature. */
  #weights: Features = [0, 0, 0];
  #hasSeenPrompt = false;

  /** Tells what a step took. */
  note(load: StepLoad, ms: number): void {
    this.#steps++;
    if (this.#steps <= unmeasuredSteps || !(ms >= 0)) return;
    if (load.promptTokens > 0) this.#hasSeenPrompt = true;
    const features = featuresOf(load);
    const expected = dot(this.#weights, features);
    const error = (expected > 0 ? Math.min(ms, expected * maxSurprise) : ms) - expected;
    const rate = ((expected > 0 ? gain : 1) * error) / dot(features, features);
    this.#weights = combine(this.#weights, features, (weight, feature) =>
      Math.max(0, weight + rate * feature),
    );
  }

  /** Milliseconds; null: no step of a kind that tells has been measured. */
  expect(load: StepLoad): number | null {
    const isKnown = load.promptTokens > 0 ? this.#hasSeenPrompt : this.#steps > unmeasuredSteps;
    return isKnown ? dot(this.#weights, featuresOf(load)) : null;
  }
}

type Features = readonly [base: number, answers: number, prompt: number];

function featuresOf({ answers, promptTokens }: StepLoad): Features {
  return [1, answers / answersUnit, promptTokens / promptUnit];
}

function dot(a: Features, b: Features): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function combine(a: Features, b: Features, each: (one: number, other: number) => number): Features {
  return [each(a[0], b[0]), each(a[1], b[1]), each(a[2], b[2])];
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
export const minChunk = 32;
/** Before anything was measured. */
export const unmeasuredChunk = 128;

/**
 * Prompt tokens of a step beside `answers` running ones: as many as keep the gap between two tokens of an answer within the
 * target, in whole multiples of `minChunk`.
 */
export function chooseChunk(
  expect: (load: StepLoad) => number | null,
  answers: number,
  { batchTokens, targetMs, targetSlowdown }: ChunkLimits,
): number {
  const plain = expect({ answers, promptTokens: 0 });
  const withChunk = expect({ answers, promptTokens: minChunk });
  if (plain === null || withChunk === null) return Math.min(unmeasuredChunk, batchTokens);
  const room = Math.max(targetMs, targetSlowdown * plain) - plain;
  const chunks = room / Math.max(withChunk - plain, Number.EPSILON);
  return Math.min(batchTokens, Math.max(1, Math.floor(chunks)) * minChunk);
}
