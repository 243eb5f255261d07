import type { BradleyTerryFit } from "./bradley-terry";
import { cautionSpread, covarianceFromMeat, pairState, type SandwichOptions } from "./covariance";
import { addDifference } from "./matrix";
import type { Covariance } from "./types";
import { type CellCounts, countsByVoter, type VoterCounts } from "./voter-counts";

/**
 * Sandwich covariance of β with the votes of one voter taken as dependent (a voter who likes long answers does so in
 * every vote): V = H⁻¹ G H⁻¹ · C / (C − 1), G = Σ_voters u·uᵀ, u = Σ of the voter's votes w·(s − p)·(e_i − e_j).
 * Votes of the fit that no row accounts for count as one voter each; C is the number of voters, these included. With
 * one vote a voter it is the plain sandwich times C / (C − 1). Few voters with many votes each (C below about 30)
 * still make it too narrow.
 *
 * @param fit the fit of all votes
 * @param rows counts by voter and pair, in any order; rows of pairs that the fit does not hold are not allowed
 * @returns m × m, mean-zero gauge
 * @throws RatingError `bad_counts` when the rows hold more votes of a pair than the fit, or a bad count;
 * `bad_argument` when there are fewer than two voters
 * Source: Liang and Zeger, Biometrika 73 (1986); Cameron and Miller, J. Human Resources 50 (2015), for the factor.
 */
export function clusteredCovariance(
  fit: BradleyTerryFit,
  rows: readonly VoterCounts[],
  options: SandwichOptions = {},
): Covariance {
  const m = fit.beta.length;
  const { table } = fit;
  const { voters, rest, clusters } = countsByVoter(table, rows);
  const meat = new Float64Array(m * m);
  for (let k = 0; k < table.size; k++) {
    const { p, weight } = pairState(fit, k);
    const [winI, winJ, tie, bothBad] = rest[k] as CellCounts;
    const squares = winI * (1 - p) ** 2 + winJ * p ** 2 + (tie + bothBad) * (0.5 - p) ** 2;
    addDifference(meat, m, table.i[k] as number, table.j[k] as number, weight * weight * squares);
  }
  for (const own of voters) {
    const score = new Map<number, number>();
    for (const [k, [winI, winJ, tie, bothBad]] of own) {
      const { p, weight } = pairState(fit, k);
      const i = table.i[k] as number;
      const j = table.j[k] as number;
      const part = weight * (winI * (1 - p) - winJ * p + (tie + bothBad) * (0.5 - p));
      score.set(i, (score.get(i) ?? 0) + part);
      score.set(j, (score.get(j) ?? 0) - part);
    }
    for (const [i, left] of score) {
      for (const [j, right] of score) meat[i * m + j] = (meat[i * m + j] as number) + left * right;
    }
  }
  const caution = cautionSpread(fit, options);
  const correction = clusters / (clusters - 1);
  for (let at = 0; at < meat.length; at++) meat[at] = (meat[at] as number) * correction;
  for (let k = 0; k < table.size; k++) {
    addDifference(meat, m, table.i[k] as number, table.j[k] as number, caution(k));
  }
  return covarianceFromMeat(fit, meat);
}
