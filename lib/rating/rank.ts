import { differenceError } from "./covariance";
import { RatingError } from "./errors";
import { normalCdf } from "./normal";
import { type Covariance, Z_95 } from "./types";

export type RankSpread = {
  /** Best rank that the intervals admit, 1 is first. */
  best: Int32Array;
  /** Worst rank that the intervals admit. */
  worst: Int32Array;
};

/**
 * Simple rank spread from intervals: best_i = 1 + #{j : lower_j > upper_i}, worst_i = 1 + #{j ≠ i : upper_j >
 * lower_i}. Conservative: overlapping intervals do not show that two models are level. O(m²).
 *
 * @param lower, upper interval of each model, any units; @throws RatingError `bad_argument` when lengths differ
 */
export function rankSpread(lower: Float64Array, upper: Float64Array): RankSpread {
  const m = lower.length;
  if (upper.length !== m) throw new RatingError("bad_argument", "lower and upper differ in length");
  const best = new Int32Array(m);
  const worst = new Int32Array(m);
  for (let i = 0; i < m; i++) {
    let above = 0;
    let notBelow = 0;
    for (let j = 0; j < m; j++) {
      if ((lower[j] as number) > (upper[i] as number)) above++;
      if (j !== i && (upper[j] as number) > (lower[i] as number)) notBelow++;
    }
    best[i] = 1 + above;
    worst[i] = 1 + notBelow;
  }
  return { best, worst };
}

/** Model indices from the highest value to the lowest; equal values keep their order. */
export function byStrength(values: Float64Array): Int32Array {
  return Int32Array.from(values.keys()).sort(
    (a, b) => (values[b] as number) - (values[a] as number) || a - b,
  );
}

/**
 * Tiers: the strongest model without a tier leads the next one, and takes along every model without a tier that it
 * does not separate from: β_leader − β_k ≤ z·se(β_leader − β_k). A model with few votes can so share the tier of a
 * leader although a better known model of the same score does not: it may be as good, nobody knows yet.
 *
 * @param values β or scores; @param covariance of the same units, any gauge; @param z default 95 %, two-sided
 * @returns tier of each model, 1 is the best
 */
export function tiers(values: Float64Array, covariance: Covariance, z = Z_95): Int32Array {
  const tier = new Int32Array(values.length);
  const order = byStrength(values);
  let current = 0;
  for (const leader of order) {
    if (tier[leader] !== 0) continue;
    tier[leader] = ++current;
    for (const model of order) {
      if (tier[model] !== 0) continue;
      const gap = (values[leader] as number) - (values[model] as number);
      if (gap <= z * differenceError(covariance, leader, model)) tier[model] = current;
    }
  }
  return tier;
}

/**
 * Tiers as a board shows them, each a run of neighbours in the order of scores: the leader, then every next model whose
 * interval reaches the leader's lower bound, up to the first that does not, which leads the next tier. By the same
 * intervals as `rankSpread`, so that tier, rank spread and the drawn intervals never contradict each other.
 *
 * @param values scores; @param lower, @param upper their intervals, all of one length
 * @returns tier of each model, 1 is the best
 */
export function intervalTiers(values: Float64Array, lower: Float64Array, upper: Float64Array): Int32Array {
  const tier = new Int32Array(values.length);
  let current = 0;
  let leaderLower = Number.POSITIVE_INFINITY;
  for (const model of byStrength(values)) {
    if ((upper[model] as number) < leaderLower) {
      current++;
      leaderLower = lower[model] as number;
    }
    tier[model] = current;
  }
  return tier;
}

/**
 * P(i is truly stronger than j) = Φ((β_i − β_j) / se_ij), se from the full covariance. This is confidence in the
 * order, not the chance that i wins a battle. With se = 0 it is 0, ½ or 1.
 */
export function probabilityBetter(
  values: Float64Array,
  covariance: Covariance,
  i: number,
  j: number,
): number {
  if (i === j) return 0.5;
  const gap = (values[i] as number) - (values[j] as number);
  const error = differenceError(covariance, i, j);
  if (error === 0) return gap === 0 ? 0.5 : gap > 0 ? 1 : 0;
  return normalCdf(gap / error);
}

/** Place and tier of each row among all, by its interval: see `rankSpread` and `intervalTiers`. */
export function rankIntervals(
  rows: readonly { score: number; lower: number; upper: number }[],
): { rankBest: number; rankWorst: number; tier: number }[] {
  const score = Float64Array.from(rows, (row) => row.score);
  const lower = Float64Array.from(rows, (row) => row.lower);
  const upper = Float64Array.from(rows, (row) => row.upper);
  const { best, worst } = rankSpread(lower, upper);
  const tier = intervalTiers(score, lower, upper);
  return rows.map((_, at) => ({
    ...{ rankBest: best[at] as number, rankWorst: worst[at] as number, tier: tier[at] as number },
  }));
}
