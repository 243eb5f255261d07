import { RatingError } from "./errors";
import { type PairTable, pairAt } from "./pair-table";
import type { PairCounts } from "./types";

/** Votes of one voter on one pair. `voter` is any number that tells voters apart. */
export type VoterCounts = PairCounts & { voter: number };

/** Votes of one pair, seen from the model with the smaller index: its wins, its losses, ties, both bad. */
export type CellCounts = [winI: number, winJ: number, tie: number, bothBad: number];

export type CountsByVoter = {
  /**
   * Of each voter the pairs, as rows of the table, with their counts; voters by number, pairs by row. Sums over it do
   * not depend on the order of the input, to the last bit.
   */
  voters: (readonly [row: number, counts: CellCounts])[][];
  /** Votes of each row of the table that no voter accounts for. */
  rest: CellCounts[];
  /** Number of voters, each vote in `rest` counted as one. */
  clusters: number;
};

/**
 * Sorts votes by voter.
 *
 * @throws RatingError `bad_counts` for a bad count, or for more votes of a cell than the table holds; `bad_argument`
 * when there are fewer than two voters
 */
export function countsByVoter(table: PairTable, rows: readonly VoterCounts[]): CountsByVoter {
  const slot = new Map<number, number>();
  const rest: CellCounts[] = [];
  for (let k = 0; k < table.size; k++) {
    const { i, j, winI, winJ, tie, bothBad } = pairAt(table, k);
    slot.set(i * table.modelCount + j, k);
    rest.push([winI, winJ, tie, bothBad]);
  }
  const voters = new Map<number, Map<number, CellCounts>>();
  rows.forEach((pair, row) => {
    const { i, j, winI, winJ, tie, bothBad } = pair;
    const k = slot.get(Math.min(i, j) * table.modelCount + Math.max(i, j));
    const left = k === undefined ? undefined : rest[k];
    if (k === undefined || left === undefined || !(Math.min(winI, winJ, tie, bothBad) >= 0)) {
      throw new RatingError("bad_counts", `row ${row}: not votes of a pair of this fit`, { row, i, j });
    }
    const cells: CellCounts = i < j ? [winI, winJ, tie, bothBad] : [winJ, winI, tie, bothBad];
    const own = voters.get(pair.voter) ?? new Map<number, CellCounts>();
    voters.set(pair.voter, own);
    const sum = own.get(k) ?? [0, 0, 0, 0];
    own.set(k, sum);
    for (const cell of [0, 1, 2, 3] as const) {
      sum[cell] += cells[cell];
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
  const unknown = rest.reduce((sum, [winI, winJ, tie, bothBad]) => sum + winI + winJ + tie + bothBad, 0);
  const clusters = voters.size + unknown;
  if (!(clusters > 1)) {
    throw new RatingError("bad_argument", "two voters are needed at least", { voters: clusters });
  }
  const inOrder = [...voters].sort(([a], [b]) => a - b).map(([, own]) => [...own].sort(([a], [b]) => a - b));
  return { voters: inOrder, rest, clusters };
}
