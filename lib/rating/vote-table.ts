import { RatingError } from "./errors";
import { MAX_MODELS } from "./pair-table";
import type { Outcome, PairCounts } from "./types";

/** The four outcomes by their code in a {@link VoteTable}. */
export const OUTCOMES = ["a", "b", "tie", "both_bad"] as const satisfies readonly Outcome[];

/** Points of side A by outcome code: the ½ rule. */
export const POINTS_OF_A = Float64Array.of(1, 0, 0.5, 0.5);

/**
 * Votes one by one, by column, for fits that need more of a vote than its pair and outcome. Row r: model `a[r]` stood
 * on side A, `b[r]` on side B, the voter said `OUTCOMES[outcome[r]]`. 9 bytes a vote.
 */
export type VoteTable = {
  modelCount: number;
  /** Number of votes; the length of every column. */
  size: number;
  a: Int32Array;
  b: Int32Array;
  outcome: Uint8Array;
};

/**
 * Brings votes into columns and checks them.
 *
 * @param modelCount m; models are 0 … m − 1
 * @throws RatingError `bad_argument` for a bad model count; `bad_counts` (with `row`) for an index out of range, a
 * model against itself, an unknown outcome
 */
export function toVoteTable(
  modelCount: number,
  votes: readonly { a: number; b: number; outcome: Outcome }[],
): VoteTable {
  const size = votes.length;
  const table: VoteTable = {
    modelCount,
    size,
    a: new Int32Array(size),
    b: new Int32Array(size),
    outcome: new Uint8Array(size),
  };
  votes.forEach(({ a, b, outcome }, row) => {
    if (!Number.isInteger(a) || !Number.isInteger(b)) {
      throw new RatingError("bad_counts", `row ${row}: model index out of range`, { row, a, b });
    }
    table.a[row] = a;
    table.b[row] = b;
    // An unknown outcome has index −1, which wraps to 255 and is refused below.
    table.outcome[row] = OUTCOMES.indexOf(outcome);
  });
  checkVoteTable(table);
  return table;
}

/** Refuses columns that are no votes: errors as {@link toVoteTable}. O(votes). */
export function checkVoteTable(votes: VoteTable): void {
  const { modelCount, size, a, b, outcome } = votes;
  if (!Number.isInteger(modelCount) || modelCount < 1 || modelCount > MAX_MODELS) {
    throw new RatingError("bad_argument", `modelCount must be an integer in 1 … ${MAX_MODELS}`, {
      modelCount,
    });
  }
  if (a.length !== size || b.length !== size || outcome.length !== size) {
    throw new RatingError("bad_argument", "the columns of a vote table differ in length", { size });
  }
  for (let row = 0; row < size; row++) {
    const left = a[row] as number;
    const right = b[row] as number;
    if (!(left >= 0 && left < modelCount && right >= 0 && right < modelCount)) {
      throw new RatingError("bad_counts", `row ${row}: model index out of range`, { row, a: left, b: right });
    }
    if (left === right) {
      throw new RatingError("bad_counts", `row ${row}: a model is compared with itself`, { row, a: left });
    }
    if ((outcome[row] as number) > 3) {
      throw new RatingError("bad_counts", `row ${row}: unknown outcome`, { row });
    }
  }
}

/** The counts of votes by pair, canonical (i < j), each pair once. O(votes + m²). */
export function countVotes(votes: VoteTable): PairCounts[] {
  const { modelCount, a, b, outcome } = votes;
  const slotOf = new Int32Array(modelCount * modelCount);
  const pairs: PairCounts[] = [];
  for (let row = 0; row < votes.size; row++) {
    const left = a[row] as number;
    const right = b[row] as number;
    const i = Math.min(left, right);
    const j = Math.max(left, right);
    const cell = i * modelCount + j;
    if (slotOf[cell] === 0) {
      slotOf[cell] = pairs.push({ i, j, winI: 0, winJ: 0, tie: 0, bothBad: 0 });
    }
    const pair = pairs[(slotOf[cell] as number) - 1] as PairCounts;
    const code = outcome[row] as number;
    if (code === 2) pair.tie++;
    else if (code === 3) pair.bothBad++;
    else if ((code === 0) === (left === i)) pair.winI++;
    else pair.winJ++;
  }
  return pairs;
}
