import type { BradleyTerryFit } from "./bradley-terry";
import { differenceError } from "./covariance";
import { RatingError } from "./errors";
import { normalQuantile } from "./normal";
import { type Covariance, Z_95 } from "./types";

export type VotesNeededOptions = {
  /** Two models are separated when |β_i − β_j| > z·se. Default 1.959963984540054. */
  z?: number;
  /** Chance that so many votes do separate them, if the gap is as estimated. Default 0.8. */
  power?: number;
};

/**
 * How many more direct votes between two models would separate them, if the gap is truly as estimated and a vote
 * keeps tying as often as on this board. Each direct vote adds h = p(1 − p) to the information about the difference,
 * and g = p(1 − p) − τ/4 to the spread of its score (τ: share of ties). With v_H and v_G the variances of the
 * difference by model and by sandwich, n votes turn the latter into (v_G + n·g·v_H²) / (1 + n·h·v_H)², which is exact
 * for this fit (Sherman and Morrison); the least n with |β_i − β_j| ≥ (z + z_power)·√ of that follows from a
 * quadratic equation.
 *
 * @param sandwich, model both covariances of `fit`
 * @returns votes, a whole number; 0 when they are separated already; Infinity when the estimates are equal
 * @throws RatingError `bad_argument` for an index out of range, i = j, or a power outside ½ … 1; for a fit whose
 * votes do not weigh 1 each, for which the number has no meaning
 */
export function votesToSeparate(
  fit: BradleyTerryFit,
  sandwich: Covariance,
  model: Covariance,
  i: number,
  j: number,
  options: VotesNeededOptions = {},
): number {
  const { z = Z_95, power = 0.8 } = options;
  if (i === j || !(power >= 0.5 && power < 1) || !fit.weight.every((weight) => weight === 1)) {
    throw new RatingError("bad_argument", "two models, a power in ½ … 1 and votes of weight 1 are needed", {
      i,
      j,
      power,
    });
  }
  const spread = differenceError(sandwich, i, j) ** 2;
  const byModel = differenceError(model, i, j) ** 2;
  const gap = Math.abs((fit.beta[i] as number) - (fit.beta[j] as number));
  if (gap > z * Math.sqrt(spread)) return 0;
  // Rounding leaves a gap of this size between two equal models.
  if (gap < 1e-12) return Number.POSITIVE_INFINITY;
  const p = 1 / (1 + Math.exp(-gap));
  const h = p * (1 - p);
  const g = Math.max(h - tieShare(fit) / 4, 0);
  const standard = (gap / (z + normalQuantile(power))) ** 2;
  // standard·(1 + n·h·v)² − n·g·v² − spread = 0, with v the model's variance.
  const a = standard * (h * byModel) ** 2;
  const b = 2 * standard * h * byModel - g * byModel ** 2;
  const c = standard - spread;
  if (c >= 0) return 1;
  return Math.ceil((-b + Math.sqrt(b * b - 4 * a * c)) / (2 * a));
}

function tieShare(fit: BradleyTerryFit): number {
  const { winI, winJ, tie, bothBad } = fit.table;
  const sum = (column: Float64Array): number => column.reduce((total, count) => total + count, 0);
  const ties = sum(tie) + sum(bothBad);
  return ties / (ties + sum(winI) + sum(winJ));
}
