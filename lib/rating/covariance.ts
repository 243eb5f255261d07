import { type BradleyTerryFit, reducedPositions } from "./bradley-terry";
import { factorCholesky, invertCholesky, sandwichProduct } from "./cholesky";
import { RatingError } from "./errors";
import { addDifference, centreBoth } from "./matrix";
import { modelVotes } from "./pair-table";
import type { Covariance } from "./types";

export type SandwichOptions = {
  /**
   * Protects a model with few votes. The sandwich learns the spread of votes from the residuals; where there are only
   * a few they can all be small by chance (two ties give a spread, and an interval, of exactly zero). With c > 0 the
   * spread of a pair is moved towards the model's own n·p·(1 − p), where that is larger, by the share c / (c + fewer
   * votes of the two models). The effect dies out as votes come in. Default 0: the plain sandwich.
   */
  cautionVotes?: number;
};

/**
 * Covariance of β if every vote were an independent coin with the fitted probability: H⁻¹ M H⁻¹ with M = Σ w²·n·p·(1
 * − p)·(e_i − e_j)(e_i − e_j)ᵀ, which is H⁻¹ when all votes weigh 1. Too wide where there are many ties, since a tie
 * varies less than a win and a loss; wrong where the model does not hold.
 *
 * @returns m × m, mean-zero gauge (rows sum to zero)
 */
export function modelCovariance(fit: BradleyTerryFit): Covariance {
  return covarianceFromPairs(fit, (n, p, _residualSquares, weight) => weight * weight * n * p * (1 - p));
}

/**
 * Sandwich covariance of β, V = H⁻¹ G H⁻¹: right for large samples also where the model does not hold. A vote's score
 * is w·(s − p)·(e_i − e_j), s = 1, 0, or ½ for a tie, so the four counts of a pair give its part of G exactly:
 * w²·[win_i·(1 − p)² + win_j·p² + (tie + both_bad)·(½ − p)²]. Votes are taken as independent; see
 * `clusteredCovariance` for votes by known voters.
 *
 * @returns m × m, mean-zero gauge (rows sum to zero), in squared units of β. For differences of two models the gauge
 * does not matter.
 * Source: White, Econometrica 50 (1982); Huber, Proc. Fifth Berkeley Symposium 1 (1967).
 */
export function sandwichCovariance(fit: BradleyTerryFit, options: SandwichOptions = {}): Covariance {
  const caution = cautionSpread(fit, options);
  return covarianceFromPairs(
    fit,
    (_n, _p, residualSquares, weight, k) => weight * weight * residualSquares + caution(k),
  );
}

/** What `cautionVotes` adds to the spread of row k of the fit's table, in squared weighted votes. */
export function cautionSpread(fit: BradleyTerryFit, options: SandwichOptions): (k: number) => number {
  const { cautionVotes = 0 } = options;
  if (!(cautionVotes >= 0)) throw new RatingError("bad_argument", "cautionVotes must not be negative");
  if (cautionVotes === 0) return () => 0;
  const votes = modelVotes(fit.table);
  return (k) => {
    const { n, p, weight, residualSquares } = pairState(fit, k);
    const shortfall = Math.max(n * p * (1 - p) - residualSquares, 0);
    const i = fit.table.i[k] as number;
    const j = fit.table.j[k] as number;
    const fewer = Math.min(votes[i] as number, votes[j] as number);
    return (weight * weight * shortfall * cautionVotes) / (cautionVotes + fewer);
  };
}

/**
 * The reduced Hessian at a fit as a Cholesky factor (d × d, d = m − 1), and the place of each model in it; place d is
 * fixed.
 */
export function informationFactor(fit: BradleyTerryFit): { factor: Float64Array; position: Int32Array } {
  const d = fit.beta.length - 1;
  const position = reducedPositions(fit.table);
  const information = new Float64Array(d * d);
  for (let k = 0; k < fit.table.size; k++) {
    const i = position[fit.table.i[k] as number] as number;
    const j = position[fit.table.j[k] as number] as number;
    const { n, p, weight } = pairState(fit, k);
    addDifference(information, d, i, j, weight * n * p * (1 - p));
  }
  if (!factorCholesky(information, d, information)) {
    throw new RatingError("no_finite_maximum", "the information matrix is singular at this fit");
  }
  return { factor: information, position };
}

/** H⁻¹ G H⁻¹ for any G (m × m, rows summing to zero), in the mean-zero gauge. */
export function covarianceFromMeat(fit: BradleyTerryFit, meat: Float64Array): Covariance {
  const m = fit.beta.length;
  const d = m - 1;
  const { factor, position } = informationFactor(fit);
  const reducedMeat = new Float64Array(d * d);
  for (let row = 0; row < m; row++) {
    const r = position[row] as number;
    if (r === d) continue;
    for (let column = 0; column < m; column++) {
      const c = position[column] as number;
      if (c !== d) reducedMeat[r * d + c] = meat[row * m + column] as number;
    }
  }
  const reduced = sandwichProduct(invertCholesky(factor, d), reducedMeat, d);
  const values = new Float64Array(m * m);
  for (let row = 0; row < m; row++) {
    const r = position[row] as number;
    for (let column = 0; column < m; column++) {
      const c = position[column] as number;
      values[row * m + column] = r === d || c === d ? 0 : (reduced[r * d + c] as number);
    }
  }
  centreBoth(values, m);
  return { size: m, values };
}

/** Standard error of β_i − β_j: √(V_ii + V_jj − 2 V_ij), in the units of the matrix. Does not depend on the gauge. */
export function differenceError(covariance: Covariance, i: number, j: number): number {
  const { size: m, values } = covariance;
  if (!(i >= 0 && j >= 0 && i < m && j < m)) {
    throw new RatingError("bad_argument", "model index out of range", { i, j });
  }
  const variance =
    (values[i * m + i] as number) + (values[j * m + j] as number) - 2 * (values[i * m + j] as number);
  return Math.sqrt(Math.max(variance, 0));
}

/**
 * Votes, fitted probability that i beats j, weight, and sum of squared ½-rule residuals, of row k of the fit's table.
 */
export function pairState(
  fit: BradleyTerryFit,
  k: number,
): { n: number; p: number; weight: number; residualSquares: number } {
  const { table, beta } = fit;
  const winI = table.winI[k] as number;
  const winJ = table.winJ[k] as number;
  const ties = (table.tie[k] as number) + (table.bothBad[k] as number);
  const p =
    1 / (1 + Math.exp((beta[table.j[k] as number] as number) - (beta[table.i[k] as number] as number)));
  return {
    n: winI + winJ + ties,
    p,
    weight: fit.weight[k] as number,
    residualSquares: winI * (1 - p) ** 2 + winJ * p ** 2 + ties * (0.5 - p) ** 2,
  };
}

function covarianceFromPairs(
  fit: BradleyTerryFit,
  spread: (n: number, p: number, residualSquares: number, weight: number, k: number) => number,
): Covariance {
  const m = fit.beta.length;
  const meat = new Float64Array(m * m);
  for (let k = 0; k < fit.table.size; k++) {
    const { n, p, weight, residualSquares } = pairState(fit, k);
    addDifference(
      meat,
      m,
      fit.table.i[k] as number,
      fit.table.j[k] as number,
      spread(n, p, residualSquares, weight, k),
    );
  }
  return covarianceFromMeat(fit, meat);
}
