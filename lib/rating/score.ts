import { RatingError } from "./errors";
import { type Covariance, Z_95 } from "./types";

/** Points a unit of β: a difference of 400 points is odds of 10 : 1. */
export const POINTS_PER_BETA = 400 / Math.LN10;

/** Score of the mean of all models where no anchor is set. */
export const MEAN_SCORE = 1000;

export type Anchor = {
  /** Index of the model whose score is fixed. */
  model: number;
  /** Its score, in points. */
  score: number;
};

export type ScoreOptions = {
  /** Without an anchor the mean of all models is 1000. */
  anchor?: Anchor;
  /**
   * What a score's interval is uncertain against. `mean` (default, what boards publish): the mean of all models. The
   * anchor then only labels the axis: naming another anchor shifts every interval and widens none, and the anchor has
   * an interval like everyone else. `anchor`: the distance to the anchor; the anchor's interval is a point, and its
   * own uncertainty is added to everyone. Differences of two models and their standard errors are the same in both.
   */
  intervalGauge?: "mean" | "anchor";
  /** Half-width of the interval in standard errors. Default 1.959963984540054 (95 %). */
  z?: number;
};

export type Scores = {
  /** Points, one a model. */
  score: Float64Array;
  /** score − z·standardError and score + z·standardError. */
  lower: Float64Array;
  upper: Float64Array;
  /** Points. */
  standardError: Float64Array;
  /** Points squared, in the gauge of the intervals. */
  covariance: Covariance;
};

/**
 * Scores in points with their intervals: score = anchor + (400 / ln 10)·(β − β_anchor), or 1000 for the mean model.
 *
 * @param beta strengths, any gauge
 * @param covariance of β, any gauge
 * @throws RatingError `bad_argument` when sizes differ, the anchor is no model, or the anchor gauge has no anchor
 */
export function toScores(beta: Float64Array, covariance: Covariance, options: ScoreOptions = {}): Scores {
  const m = beta.length;
  const { anchor, intervalGauge = "mean", z = Z_95 } = options;
  if (covariance.size !== m || covariance.values.length !== m * m) {
    throw new RatingError("bad_argument", "beta and covariance differ in size", { m, size: covariance.size });
  }
  if (anchor !== undefined && !(Number.isInteger(anchor.model) && anchor.model >= 0 && anchor.model < m)) {
    throw new RatingError("bad_argument", "the anchor is not a model of this fit", { model: anchor.model });
  }
  if (intervalGauge === "anchor" && anchor === undefined) {
    throw new RatingError("bad_argument", "the anchor gauge needs an anchor");
  }
  const mean = beta.reduce((sum, value) => sum + value, 0) / m;
  const origin = anchor === undefined ? mean : (beta[anchor.model] as number);
  const base = anchor === undefined ? MEAN_SCORE : anchor.score;
  const score = beta.map((value) => base + POINTS_PER_BETA * (value - origin));

  const reference = new Float64Array(m);
  if (intervalGauge === "anchor" && anchor !== undefined) reference[anchor.model] = 1;
  else reference.fill(1 / m);
  const inGauge = changeGauge(covariance, reference);
  const values = inGauge.values.map((value) => value * POINTS_PER_BETA ** 2);
  const standardError = score.map((_, k) => Math.sqrt(Math.max(values[k * m + k] as number, 0)));
  return {
    score,
    lower: score.map((value, k) => value - z * (standardError[k] as number)),
    upper: score.map((value, k) => value + z * (standardError[k] as number)),
    standardError,
    covariance: { size: m, values },
  };
}

/**
 * Covariance of β_k − Σ_l r_l·β_l: T·V·Tᵀ with T = I − 1rᵀ. `reference` r sums to one: 1/m everywhere for the mean, a
 * one at the anchor for differences to it.
 */
export function changeGauge(covariance: Covariance, reference: Float64Array): Covariance {
  const { size: m, values } = covariance;
  const cross = new Float64Array(m);
  let own = 0;
  for (let row = 0; row < m; row++) {
    let sum = 0;
    for (let column = 0; column < m; column++) {
      sum += (values[row * m + column] as number) * (reference[column] as number);
    }
    cross[row] = sum;
    own += sum * (reference[row] as number);
  }
  const result = new Float64Array(m * m);
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < m; column++) {
      const at = row * m + column;
      result[at] = (values[at] as number) - ((cross[row] as number) + (cross[column] as number)) + own;
    }
  }
  return { size: m, values: result };
}
