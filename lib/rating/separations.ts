import { differenceError } from "./covariance";
import { RatingError } from "./errors";
import { normalCdf } from "./normal";
import { byStrength, type RankSpread } from "./rank";
import type { Covariance } from "./types";

export type SeparationOptions = {
  /** Chance of at least one wrong claim in the family. Default 0.05. */
  alpha?: number;
  /**
   * What must hold together. `board` (default): all claims about all pairs. `model`: all claims about any one model,
   * for a reader who came for that one; the claims of a whole board then err more often.
   */
  family?: "board" | "model";
};

/**
 * Which differences the votes show: two-sided tests of β_i = β_j by z = (β_i − β_j) / se_ij from the full covariance,
 * Holm's step-down correction within the family.
 *
 * @param values β or scores; @param covariance of the same units, any gauge
 * @returns m × m, row-major: 1 where the row's model is shown to be above the column's, else 0
 * @throws RatingError `bad_argument` when alpha is not in 0 … 1 or the sizes differ
 * Source: Holm, Scand. J. Statist. 6 (1979); for ranks: Mogstad, Romano, Shaikh and Wilhelm, Rev. Econ. Stud. 91
 * (2024).
 */
export function separations(
  values: Float64Array,
  covariance: Covariance,
  options: SeparationOptions = {},
): Uint8Array {
  const { alpha = 0.05, family = "board" } = options;
  const m = values.length;
  if (!(alpha > 0 && alpha < 1) || covariance.size !== m) {
    throw new RatingError("bad_argument", "alpha must lie between 0 and 1, and sizes must agree", { alpha });
  }
  const order = byStrength(values);
  const isAbove = new Uint8Array(m * m);
  const claim = (tests: Test[]): void => {
    tests.sort((a, b) => a.p - b.p);
    for (const [at, { p, upper, lower }] of tests.entries()) {
      if (!(p <= alpha / (tests.length - at))) break;
      isAbove[upper * m + lower] = 1;
    }
  };
  const test = (upper: number, lower: number): Test => {
    const gap = (values[upper] as number) - (values[lower] as number);
    const error = differenceError(covariance, upper, lower);
    return { p: gap === 0 ? 1 : 2 * normalCdf(-gap / error), upper, lower };
  };
  if (family === "board") {
    const tests: Test[] = [];
    order.forEach((upper, place) => {
      for (const lower of order.subarray(place + 1)) tests.push(test(upper, lower));
    });
    claim(tests);
  } else {
    order.forEach((model, place) => {
      const tests: Test[] = [];
      order.forEach((other, otherPlace) => {
        if (otherPlace < place) tests.push(test(other, model));
        if (otherPlace > place) tests.push(test(model, other));
      });
      claim(tests);
    });
  }
  return isAbove;
}

type Test = { p: number; upper: number; lower: number };

/**
 * Rank spread by difference tests: best_i = 1 + (models shown to be above i), worst_i = m − (models shown to be below
 * i). With the family `board`, all true ranks lie within their spreads together with probability 1 − α; sharper than
 * intervals that happen to overlap, and honest about how many comparisons were looked at.
 *
 * @throws RatingError as `separations`
 */
export function rankSpreadByTests(
  values: Float64Array,
  covariance: Covariance,
  options: SeparationOptions = {},
): RankSpread {
  const m = values.length;
  const isAbove = separations(values, covariance, options);
  const best = new Int32Array(m).fill(1);
  const worst = new Int32Array(m).fill(m);
  isAbove.forEach((flag, at) => {
    if (flag === 0) return;
    const upper = Math.floor(at / m);
    const lower = at % m;
    worst[upper] = (worst[upper] as number) - 1;
    best[lower] = (best[lower] as number) + 1;
  });
  return { best, worst };
}
