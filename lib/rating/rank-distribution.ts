import { factorSemidefinite } from "./cholesky";
import { RatingError } from "./errors";
import { type Random, seededRandom } from "./random";
import { byStrength } from "./rank";
import type { Covariance } from "./types";

export type RankDistributionOptions = {
  /** The same seed gives the same draws everywhere. */
  seed: number;
  /** Default 10,000: a probability is then off by at most 0.005 (one standard error). */
  draws?: number;
};

/**
 * Probability of every rank of every model when the true strengths are spread around the estimates as N(values,
 * covariance): ranks are counted over simulated strengths. About draws·(m²/2 + m·log m) operations.
 *
 * @param values β or scores; @param covariance of the same units, any gauge
 * @returns m × m, row-major: entry (i, r) is the share of draws in which model i had rank r + 1; rows and columns sum
 * to one
 * @throws RatingError `bad_argument` when sizes differ or draws is no positive integer
 */
export function rankDistribution(
  values: Float64Array,
  covariance: Covariance,
  options: RankDistributionOptions,
): Float64Array {
  const { seed, draws = 10_000 } = options;
  const m = values.length;
  if (covariance.size !== m || !Number.isInteger(draws) || draws < 1) {
    throw new RatingError("bad_argument", "sizes must agree, and draws be a positive integer", { draws });
  }
  const factor = factorSemidefinite(covariance.values, m);
  const normal = normalNumbers(seededRandom(seed));
  const noise = new Float64Array(m);
  const drawn = new Float64Array(m);
  const share = new Float64Array(m * m);
  for (let draw = 0; draw < draws; draw++) {
    for (let k = 0; k < m; k++) noise[k] = normal();
    for (let row = 0; row < m; row++) {
      let sum = values[row] as number;
      for (let k = 0; k <= row; k++) sum += (factor[row * m + k] as number) * (noise[k] as number);
      drawn[row] = sum;
    }
    byStrength(drawn).forEach((model, place) => {
      share[model * m + place] = (share[model * m + place] as number) + 1 / draws;
    });
  }
  return share;
}

/**
 * P(model is among the best k) from a rank distribution (m × m).
 *
 * @throws RatingError `bad_argument` when model or k is out of range
 */
export function topProbability(distribution: Float64Array, model: number, k: number): number {
  const m = Math.round(Math.sqrt(distribution.length));
  if (!(model >= 0 && model < m && k >= 0 && k <= m)) {
    throw new RatingError("bad_argument", "model or k is out of range", { model, k });
  }
  return distribution.subarray(model * m, model * m + k).reduce((sum, share) => sum + share, 0);
}

/** Standard normal numbers by Box and Muller, Ann. Math. Statist. 29 (1958). */
function normalNumbers(random: Random): () => number {
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - random()));
    const angle = 2 * Math.PI * random();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}
