import type { BradleyTerryFit } from "./bradley-terry";
import { cautionSpread, covarianceFromMeat, pairState, type SandwichOptions } from "./covariance";
import { RatingError } from "./errors";
import { addDifference } from "./matrix";
import { type PairTable, pairAt } from "./pair-table";
import type { Covariance, PairCounts } from "./types";

/** Votes of one voter on one pair. `voter` is any number that tells voters apart. */
export type VoterCounts = PairCounts & { voter: number };

/**
 * Sandwich covariance of β with the votes of one voter taken as dependent (a voter who likes long answers does so in every
 * vote): V = H⁻¹ G H⁻¹ · C / (C − 1), G = Σ_voters u·uᵀ, u = Σ of the voter's votes w·(s − p)·(e_i − e_j). Votes of the fit that no row
 * accounts for count as one voter each; C is the number of voters, these included. With one vote a voter it is the plain
 * sandwich times C / (C − 1). Few voters with many votes each (C below about 30) still make it too narrow.
 *
 * @param fit the fit of all votes
 * @param rows counts by voter and pair, in any order; rows of pairs that the fit does not hold are not allowed
 * @returns m × m, mean-zero gauge
 * @throws RatingError `bad_counts` when the rows hold more votes of a pair than the fit, or a bad count; `bad_argument` when there
 * are fewer than two voters
 * Source: Liang and Zeger, Biometrika 73 (1986); Cameron and Miller, J. Human Resources 50 (2015), for the factor.
 */
export function clusteredCovariance(
  fit: BradleyTerryFit,
  rows: readonly VoterCounts[],
  options: SandwichOptions = {},
): Covariance {
  const m = fit.beta.length;
  const { table } = fit;
  const { voters, rest } = countsByVoter(table, rows);
  const meat = new Float64Array(m * m);
  let clusters = voters.size;
  for (let k = 0; k < table.size; k++) {
    const { p, weight } = pairState(fit, k);
    const [winI, winJ, ties] = rest[k] as CellCounts;
    clusters += winI + winJ + ties;
    const squares = winI * (1 - p) ** 2 + winJ * p ** 2 + ties * (0.5 - p) ** 2;
    addDifference(meat, m, table.i[k] as number, table.j[k] as number, weight * weight * squares);
  }
  if (!(clusters > 1)) {
    throw new RatingError("bad_argument", "two voters are needed at least", { voters: clusters });
  }
  for (const own of inOrder(voters)) {
    const score = new Map<number, number>();
    for (const [k, [winI, winJ, ties]] of own) {
      const { p, weight } = pairState(fit, k);
      const i = table.i[k] as number;
      const j = table.j[k] as number;
      const part = weight * (winI * (1 - p) - winJ * p + ties * (0.5 - p));
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

/** Wins of i, wins of j, ties of both kinds. */
type CellCounts = [winI: number, winJ: number, ties: number];

/** Canonical counts of each voter by row of the table, and what of each row is left for unknown voters. */
function countsByVoter(
  table: PairTable,
  rows: readonly VoterCounts[],
): { voters: Map<number, Map<number, CellCounts>>; rest: CellCounts[] } {
  const slot = new Map<number, number>();
  const rest: CellCounts[] = [];
  for (let k = 0; k < table.size; k++) {
    const { i, j, winI, winJ, tie, bothBad } = pairAt(table, k);
    slot.set(i * table.modelCount + j, k);
    rest.push([winI, winJ, tie + bothBad]);
  }
  const voters = new Map<number, Map<number, CellCounts>>();
  rows.forEach((pair, row) => {
    const { i, j, winI, winJ, tie, bothBad } = pair;
    const k = slot.get(Math.min(i, j) * table.modelCount + Math.max(i, j));
    const left = k === undefined ? undefined : rest[k];
    const cells: CellCounts = i < j ? [winI, winJ, tie + bothBad] : [winJ, winI, tie + bothBad];
    if (k === undefined || left === undefined || !(Math.min(winI, winJ, tie, bothBad) >= 0)) {
      throw new RatingError("bad_counts", `row ${row}: not votes of a pair of this fit`, { row, i, j });
    }
    const own = voters.get(pair.voter) ?? new Map<number, CellCounts>();
    voters.set(pair.voter, own);
    const sum = own.get(k) ?? [0, 0, 0];
    own.set(k, [sum[0] + cells[0], sum[1] + cells[1], sum[2] + cells[2]]);
    for (const cell of [0, 1, 2] as const) {
      left[cell] -= cells[cell];
      // Fractions of votes may leave a rounding error of nothing.
      if (left[cell] < 0 && left[cell] > -1e-9) left[cell] = 0;
      if (!(left[cell] >= 0)) {
        throw new RatingError("bad_counts", `row ${row}: more votes of a pair than the fit has`, {
          row,
          i,
          j,
        });
      }
    }
  });
  return { voters, rest };
}

/** By voter, then by row of the table: sums then do not depend on the order of the input, to the last bit. */
function inOrder(voters: Map<number, Map<number, CellCounts>>): [number, CellCounts][][] {
  return [...voters].sort(([a], [b]) => a - b).map(([, own]) => [...own].sort(([a], [b]) => a - b));
}
