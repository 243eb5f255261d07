import { type BradleyTerryFit, fitWeighted, requireFiniteMaximum } from "./bradley-terry";
import { invertCholesky } from "./cholesky";
import { informationFactor, pairState } from "./covariance";
import { RatingError } from "./errors";
import { strongComponents } from "./graph";
import { type PairTable, pairVotes, toPairTable } from "./pair-table";
import type { PairCounts } from "./types";

const CELLS = ["winI", "winJ", "tie", "bothBad"] as const;

/** A lead below this, in natural-logarithm units, is rounding. */
const LEVEL = 1e-9;

export type FlipSetOptions = {
  /** Give up above so many votes. Default all of them. */
  maxVotes?: number;
  /** How many rivals to try, those first that one vote brings nearest. Default 5. */
  rivals?: number;
  /** Stops the search between two refits: it then throws the signal's reason. */
  signal?: AbortSignal;
};

export type FlipSet = {
  /** How it was found: a smaller set may exist. */
  method: "greedy";
  /** First place with all votes, and without the set. */
  leader: number;
  newLeader: number;
  /** Number of votes in the set. */
  votes: number;
  /** The votes to leave out, as counts by pair (i < j). */
  removed: PairCounts[];
};

/**
 * A small set of votes without which another model is first on the Bradley–Terry board (½ rule, each vote weighs 1): how
 * much first place hangs on a few votes. **Greedy**, so an upper bound of the smallest such set; it is exact that the
 * set changes first place, and that no vote of it can be put back.
 *
 * For each rival c of the leader L: the votes of a cell (pair × outcome) are alike, and leaving out one of them changes
 * the lead β_L − β_c by about −(s − p)·(e_L − e_c)ᵀH⁻¹(e_i − e_j) / (1 − p(1 − p)·v_ij), v_ij = (e_i − e_j)ᵀH⁻¹(e_i −
 * e_j): one Newton step with the Hessian of the votes that are left. The cell that lowers the lead most gives votes up,
 * half as many as the lead seems to ask for and one at least; then the rest is fitted anew, exactly, until first place
 * changes. At last votes are put back as long as it stays changed. Votes are left in place where leaving them out would
 * take the finite score from a model.
 *
 * @returns null when no such set is found within `maxVotes`
 * @throws RatingError as `fitBradleyTerry`; `bad_counts` for counts that are no integers; `bad_argument` for fewer than
 * two models or options out of range
 * Source: Huang, Shen, Wei and Broderick, Dropping just a handful of preferences can change top large language model
 * rankings, arXiv:2508.11847 (2025); Broderick, Giordano and Meager, arXiv:2011.14999 (2020).
 */
export function flipFirstPlace(
  modelCount: number,
  pairs: readonly PairCounts[],
  options: FlipSetOptions = {},
): FlipSet | null {
  const { rivals = 5, maxVotes = Number.POSITIVE_INFINITY, signal } = options;
  const table = toPairTable(modelCount, pairs);
  if (modelCount < 2 || !(maxVotes >= 1 && rivals >= 1)) {
    throw new RatingError("bad_argument", "two models, one rival and one vote are needed at least", {
      ...{ modelCount, rivals, maxVotes },
    });
  }
  if (!CELLS.every((cell) => table[cell].every(Number.isInteger))) {
    throw new RatingError("bad_counts", "votes can be left out only where they are whole");
  }
  requireFiniteMaximum(table);
  const fit = refit(table);
  const leader = firstOf(fit.beta);
  let best: FlipSet | null = null;
  for (const rival of nearestRivals(fit, leader, rivals)) {
    const limit = Math.min(maxVotes, best === null ? Number.POSITIVE_INFINITY : best.votes - 1);
    const found = overtake(table, fit, leader, rival, limit, signal);
    if (found !== null) best = found;
  }
  return best;
}

/** Leaves votes out until `leader` is not first any more; null when that takes more than `limit` votes. */
function overtake(
  table: PairTable,
  all: BradleyTerryFit,
  leader: number,
  rival: number,
  limit: number,
  signal: AbortSignal | undefined,
): FlipSet | null {
  const left = copyOf(table);
  let fit = { ...all, table: left };
  let votes = 0;
  const removals: Removal[] = [];
  while (firstOf(fit.beta, leader) === leader) {
    signal?.throwIfAborted();
    const lead = (fit.beta[leader] as number) - (fit.beta[rival] as number);
    const removal = mostInfluential(fit, differenceCovariance(fit), leader, rival).find((cell) => {
      const wanted = Math.max(1, Math.floor(lead / (2 * cell.fall)));
      return take(left, cell, Math.min(wanted, left[cell.cell][cell.k] as number, limit - votes));
    });
    if (removal === undefined) return null;
    votes += removal.count;
    removals.push(removal);
    fit = refit(left, fit.beta);
  }
  const kept = putBack(table, left, removals, leader, fit.beta);
  const removed = differences(table, left);
  return { method: "greedy", leader, newLeader: kept, votes: countOf(removed), removed };
}

type DifferenceCovariance = (a: number, b: number, c: number, d: number) => number;

type Removal = { k: number; cell: (typeof CELLS)[number]; fall: number; count: number };

/** Cells by how much the lead falls when one of their votes is left out; only those where it does fall. */
function mostInfluential(
  fit: BradleyTerryFit,
  covarianceOf: DifferenceCovariance,
  leader: number,
  rival: number,
): Removal[] {
  const { table } = fit;
  const cells: Removal[] = [];
  for (let k = 0; k < table.size; k++) {
    const i = table.i[k] as number;
    const j = table.j[k] as number;
    const { n, p } = pairState(fit, k);
    if (n === 0) continue;
    const shift = covarianceOf(leader, rival, i, j);
    // A vote that alone carries a pair has leverage 1: the linear step has no answer, and the refit decides.
    const rest = Math.max(1 - p * (1 - p) * covarianceOf(i, j, i, j), 1e-3);
    for (const cell of CELLS) {
      if (table[cell][k] === 0) continue;
      const points = cell === "winI" ? 1 : cell === "winJ" ? 0 : 0.5;
      const fall = ((points - p) * shift) / rest;
      if (fall > 1e-12) cells.push({ k, cell, fall, count: 0 });
    }
  }
  return cells.sort((x, y) => y.fall - x.fall);
}

/** Takes votes of a cell out of the table, in place; fewer, or none, where all scores would not stay finite. */
function take(table: PairTable, removal: Removal, wanted: number): boolean {
  const column = table[removal.cell];
  const before = column[removal.k] as number;
  for (let count = wanted; count >= 1; count = Math.floor(count / 2)) {
    column[removal.k] = before - count;
    if (strongComponents(table).count === 1) {
      removal.count = count;
      return true;
    }
  }
  column[removal.k] = before;
  return false;
}

/**
 * Puts votes back, in place, as many of each cell as first place stays changed with, those taken last first, until no
 * single vote can be put back.
 *
 * @param all the table with all votes; @returns who is first then
 */
function putBack(
  all: PairTable,
  table: PairTable,
  removals: readonly Removal[],
  leader: number,
  start: Float64Array,
): number {
  let first = firstOf(start, leader);
  let isChanged = true;
  while (isChanged) {
    isChanged = false;
    for (const { k, cell } of [...removals].reverse()) {
      const column = table[cell];
      const base = column[k] as number;
      let low = 0;
      let high = (all[cell][k] as number) - base;
      while (low < high) {
        // One vote first: most often not even that can be put back.
        const middle = low === 0 ? 1 : Math.ceil((low + high) / 2);
        column[k] = base + middle;
        const other = firstOf(refit(table, start).beta, leader);
        if (other === leader) high = middle - 1;
        else {
          low = middle;
          first = other;
        }
      }
      column[k] = base + low;
      isChanged ||= low > 0;
    }
  }
  return first;
}

/** Rivals by how many votes of the most telling kind their distance to the leader is. */
function nearestRivals(fit: BradleyTerryFit, leader: number, count: number): number[] {
  const lead = (model: number): number => (fit.beta[leader] as number) - (fit.beta[model] as number);
  // The distance alone picks the candidates, since the influence costs a pass over all cells.
  const covarianceOf = differenceCovariance(fit);
  const near = [...fit.beta.keys()].filter((model) => model !== leader).sort((x, y) => lead(x) - lead(y));
  return near
    .slice(0, 4 * count)
    .map((model) => ({ model, fall: mostInfluential(fit, covarianceOf, leader, model)[0]?.fall ?? 0 }))
    .map(({ model, fall }) => ({ model, need: fall > 0 ? lead(model) / fall : Number.POSITIVE_INFINITY }))
    .sort((x, y) => x.need - y.need)
    .slice(0, count)
    .map(({ model }) => model);
}

/** (e_a − e_b)ᵀH⁻¹(e_c − e_d) at a fit. */
function differenceCovariance(fit: BradleyTerryFit): DifferenceCovariance {
  const { factor, position } = informationFactor(fit);
  const size = fit.beta.length - 1;
  const inverse = invertCholesky(factor, size);
  const at = (x: number, y: number): number => {
    const row = position[x] as number;
    const column = position[y] as number;
    return row === size || column === size ? 0 : (inverse[row * size + column] as number);
  };
  return (a, b, c, d) => at(a, c) - at(a, d) - at(b, c) + at(b, d);
}

function refit(table: PairTable, start?: Float64Array): BradleyTerryFit {
  return fitWeighted(table, new Float64Array(table.size).fill(1), {}, start);
}

/** Who is first; `holder` stays first until another is ahead by more than rounding. */
function firstOf(beta: Float64Array, holder?: number): number {
  let first = holder ?? 0;
  beta.forEach((value, model) => {
    if (value > (beta[first] as number) + LEVEL) first = model;
  });
  return first;
}

function copyOf(table: PairTable): PairTable {
  const { winI, winJ, tie, bothBad } = table;
  return { ...table, winI: winI.slice(), winJ: winJ.slice(), tie: tie.slice(), bothBad: bothBad.slice() };
}

function differences(before: PairTable, after: PairTable): PairCounts[] {
  const lost = pairVotes(after);
  return Array.from(pairVotes(before), (votes, k) => ({ votes, k }))
    .filter(({ votes, k }) => votes > (lost[k] as number))
    .map(({ k }) => {
      const lacking = (cell: (typeof CELLS)[number]): number =>
        (before[cell][k] as number) - (after[cell][k] as number);
      return {
        ...{ i: before.i[k] as number, j: before.j[k] as number },
        ...{ winI: lacking("winI"), winJ: lacking("winJ"), tie: lacking("tie"), bothBad: lacking("bothBad") },
      };
    });
}

function countOf(pairs: readonly PairCounts[]): number {
  return pairs.reduce((sum, pair) => sum + pair.winI + pair.winJ + pair.tie + pair.bothBad, 0);
}
