import { createHash } from "node:crypto";
import type { Outcome, TieModelName, WeightingName } from "@/lib/protocol";
import { addOutcome, type Board, type BoardOptions, fitBoard, type PairCounts } from "@/lib/rating";

/** Raised when a change of the code may change a fit of the same counts. */
export const fitVersion = "bt-1";

/** How the board is fitted; stored with each snapshot. */
export const fitParameters = {
  model: "bradley-terry",
  ties: "half",
  meanScore: 1000,
  interval: "sandwich-95",
} as const;

export type CountRow = {
  lowId: string;
  highId: string;
  winLow: number;
  winHigh: number;
  tie: number;
  bothBad: number;
};

export type BoardFit = {
  /** Model ids; a position in it is a model index of `pairs` and `board`. */
  modelIds: readonly string[];
  pairs: readonly PairCounts[];
  board: Board;
  votes: number;
  voters: number;
  /** SHA-256 of the counts, whatever the order of their rows. */
  inputsHash: string;
};

/** Another way to fit the same counts. */
export type FitChoice = { ties: TieModelName; weights: WeightingName };

/** The board before its first vote. */
const emptyBoard: Board = {
  rows: [],
  rated: null,
  groups: [],
  tieModel: "half",
  isAnchored: false,
  converged: true,
};

/** Fits the board of these counts. Deterministic: the same counts give the same numbers and the same hash. */
export function fitCounts(
  rows: readonly CountRow[],
  { votes, voters }: { votes: number; voters: number },
): BoardFit {
  const sorted = sortRows(rows);
  const modelIds = [...new Set(sorted.flatMap((row) => [row.lowId, row.highId]))].sort(compare);
  const index = new Map(modelIds.map((id, position) => [id, position]));
  const pairs = sorted.map(
    (row): PairCounts => ({
      i: index.get(row.lowId) ?? 0,
      j: index.get(row.highId) ?? 0,
      winI: row.winLow,
      winJ: row.winHigh,
      tie: row.tie,
      bothBad: row.bothBad,
    }),
  );
  const board = modelIds.length === 0 ? emptyBoard : fitBoard(modelIds.length, pairs);
  return { modelIds, pairs, board, votes, voters, inputsHash: hashOfSorted(sorted) };
}

/** SHA-256 of counts, whatever the order of their rows: what names the inputs of a fit. */
export function hashCounts(rows: readonly CountRow[]): string {
  return hashOfSorted(sortRows(rows));
}

function hashOfSorted(sorted: readonly CountRow[]): string {
  const canonical = sorted.map(({ lowId, highId, ...row }) => [
    ...[lowId, highId],
    ...[row.winLow, row.winHigh, row.tie, row.bothBad],
  ]);
  return createHash("sha256").update(JSON.stringify(canonical)).digest("hex");
}

function sortRows(rows: readonly CountRow[]): CountRow[] {
  return [...rows].sort((x, y) => compare(x.lowId, y.lowId) || compare(x.highId, y.highId));
}

const tieModels = {
  half: "half",
  davidson: "davidson",
  rao_kupper: "rao_kupper",
  grounded: "grounded_rao_kupper",
} as const satisfies Record<TieModelName, BoardOptions["tieModel"]>;

/** The same counts by another tie model or other weights. */
export function fitAs(fit: BoardFit, { ties, weights }: FitChoice): Board {
  if (fit.modelIds.length === 0) return emptyBoard;
  return fitBoard(fit.modelIds.length, fit.pairs, { tieModel: tieModels[ties], weighting: weights });
}

/** The tie model that a board was fitted with, as it is called on the wire. */
export function tieModelOf(board: Board): TieModelName {
  return board.tieModel === "grounded_rao_kupper" ? "grounded" : board.tieModel;
}

/** The board as it would be without one of its votes: what that vote changed, whatever came in beside it. */
export function fitWithout(fit: BoardFit, modelAId: string, modelBId: string, outcome: Outcome): Board {
  const a = fit.modelIds.indexOf(modelAId);
  const b = fit.modelIds.indexOf(modelBId);
  const isOfBoth = (pair: PairCounts) => (pair.i === a && pair.j === b) || (pair.i === b && pair.j === a);
  const pairs = fit.pairs.map((pair) => (isOfBoth(pair) ? addOutcome(pair, a, outcome, -1) : pair));
  return fitBoard(fit.modelIds.length, pairs);
}

function compare(x: string, y: string): number {
  return x < y ? -1 : x > y ? 1 : 0;
}
