import { AppError } from "@/lib/errors";

export type PairDraw<T> = {
  a: T;
  b: T;
  /** Which policy drew the pair; stored with the battle. */
  policyId: string;
  /** Probability with which the policy draws this ordered pair, in (0, 1]. */
  propensity: number;
};

/**
 * Draws two different models, uniformly over ordered pairs: with m candidates each pair (A, B) has probability
 * 1 / (m (m − 1)), so that neither the pair nor the side of a model depends on anything.
 * Errors: `not_enough_models` with fewer than two candidates.
 */
export function samplePair<T>(candidates: readonly T[], random: () => number): PairDraw<T> {
  const count = candidates.length;
  const first = Math.floor(random() * count);
  // The second is drawn from the others: skip the first's place instead of drawing again.
  const offset = 1 + Math.floor(random() * (count - 1));
  const a = candidates[first];
  const b = candidates[(first + offset) % count];
  if (count < 2 || a === undefined || b === undefined) throw new AppError("not_enough_models");
  return { a, b, policyId: "uniform-1", propensity: 1 / (count * (count - 1)) };
}
