import { RatingError } from "./errors";
import type { PairCounts } from "./types";

/**
 * Pair counts by column: canonical (i < j), each pair once, sorted by (i, j), no pair without votes. A fit on it does
 * not depend on the order of the rows or on which model of a pair came first.
 */
export type PairTable = {
  modelCount: number;
  /** Number of pairs; the length of every column. */
  size: number;
  i: Int32Array;
  j: Int32Array;
  winI: Float64Array;
  winJ: Float64Array;
  tie: Float64Array;
  bothBad: Float64Array;
};

/** Largest number of models that a dense m × m matrix is sensible for (8 bytes · m² = 128 MiB). */
export const MAX_MODELS = 4096;

/**
 * Checks pair counts and brings them into canonical order. O(rows + modelCount²).
 *
 * @throws RatingError `bad_argument` for a model count that is no integer in 1 … 4096; `bad_counts` (with `row`) for
 * an index out of range, a pair of a model with itself, a negative or non-finite count
 */
export function toPairTable(modelCount: number, pairs: readonly PairCounts[]): PairTable {
  if (!Number.isInteger(modelCount) || modelCount < 1 || modelCount > MAX_MODELS) {
    throw new RatingError("bad_argument", `modelCount must be an integer in 1 … ${MAX_MODELS}`, {
      modelCount,
    });
  }
  const slotOf = new Int32Array(modelCount * modelCount);
  let size = 0;
  pairs.forEach((pair, row) => {
    check(pair, row, modelCount);
    const cell = Math.min(pair.i, pair.j) * modelCount + Math.max(pair.i, pair.j);
    if (pair.winI + pair.winJ + pair.tie + pair.bothBad > 0 && slotOf[cell] === 0) {
      slotOf[cell] = 1;
      size++;
    }
  });

  const table = emptyTable(modelCount, size);
  let next = 0;
  for (let i = 0; i < modelCount; i++) {
    for (let j = i + 1; j < modelCount; j++) {
      if (slotOf[i * modelCount + j] === 0) continue;
      table.i[next] = i;
      table.j[next] = j;
      slotOf[i * modelCount + j] = ++next;
    }
  }
  for (const pair of pairs) {
    const isSwapped = pair.i > pair.j;
    const low = isSwapped ? pair.j : pair.i;
    const high = isSwapped ? pair.i : pair.j;
    const slot = (slotOf[low * modelCount + high] as number) - 1;
    if (slot < 0) continue;
    table.winI[slot] = (table.winI[slot] as number) + (isSwapped ? pair.winJ : pair.winI);
    table.winJ[slot] = (table.winJ[slot] as number) + (isSwapped ? pair.winI : pair.winJ);
    table.tie[slot] = (table.tie[slot] as number) + pair.tie;
    table.bothBad[slot] = (table.bothBad[slot] as number) + pair.bothBad;
  }
  return table;
}

/**
 * The part of a table that lies among some models, renumbered 0 … models.length − 1 in the order given.
 * Votes between a kept model and one left out are dropped.
 */
export function subTable(table: PairTable, models: ArrayLike<number>): PairTable {
  const position = new Int32Array(table.modelCount).fill(-1);
  for (let k = 0; k < models.length; k++) position[models[k] as number] = k;
  const pairs: PairCounts[] = [];
  for (let k = 0; k < table.size; k++) {
    const i = position[table.i[k] as number] as number;
    const j = position[table.j[k] as number] as number;
    if (i >= 0 && j >= 0) pairs.push({ ...pairAt(table, k), i, j });
  }
  return toPairTable(models.length, pairs);
}

/** Row `k` of a table. */
export function pairAt(table: PairTable, k: number): PairCounts {
  return {
    i: table.i[k] as number,
    j: table.j[k] as number,
    winI: table.winI[k] as number,
    winJ: table.winJ[k] as number,
    tie: table.tie[k] as number,
    bothBad: table.bothBad[k] as number,
  };
}

/** Votes of each pair. */
export function pairVotes(table: PairTable): Float64Array {
  const votes = new Float64Array(table.size);
  for (let k = 0; k < table.size; k++) {
    votes[k] =
      (table.winI[k] as number) +
      (table.winJ[k] as number) +
      (table.tie[k] as number) +
      (table.bothBad[k] as number);
  }
  return votes;
}

/** Votes that each model took part in. */
export function modelVotes(table: PairTable): Float64Array {
  const votes = new Float64Array(table.modelCount);
  pairVotes(table).forEach((count, k) => {
    const i = table.i[k] as number;
    const j = table.j[k] as number;
    votes[i] = (votes[i] as number) + count;
    votes[j] = (votes[j] as number) + count;
  });
  return votes;
}

function emptyTable(modelCount: number, size: number): PairTable {
  return {
    modelCount,
    size,
    i: new Int32Array(size),
    j: new Int32Array(size),
    winI: new Float64Array(size),
    winJ: new Float64Array(size),
    tie: new Float64Array(size),
    bothBad: new Float64Array(size),
  };
}

function check(pair: PairCounts, row: number, modelCount: number): void {
  const { i, j, winI, winJ, tie, bothBad } = pair;
  if (!isIndex(i, modelCount) || !isIndex(j, modelCount)) {
    throw new RatingError("bad_counts", `row ${row}: model index out of range`, { row, i, j });
  }
  if (i === j) {
    throw new RatingError("bad_counts", `row ${row}: a model is compared with itself`, { row, i, j });
  }
  const smallest = Math.min(winI, winJ, tie, bothBad);
  if (!(smallest >= 0) || !Number.isFinite(winI + winJ + tie + bothBad)) {
    throw new RatingError("bad_counts", `row ${row}: counts must be finite and not negative`, { row, i, j });
  }
}

function isIndex(value: number, modelCount: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < modelCount;
}
