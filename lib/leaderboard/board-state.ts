import type { Logger } from "pino";
import { type Database, databaseError } from "@/lib/db";
import { type BoardName, type Category, categorySchema, type NoiseFloor } from "@/lib/protocol";
import { overallCategory, selfBoard } from "./count-vote";

/** How old what is known may be before a reader asks the database again: another server may have counted votes. */
const recheckMs = 1_000;

export type ModelFacts = {
  id: string;
  name: string;
  displayName: string;
  organization: string | null;
  licence: string | null;
  contextLength: number | null;
  tags: string[];
  stage: "public" | "experimental" | "retired";
  priceInputMicros: number | null;
  priceOutputMicros: number | null;
  elo: number;
  createdAt: Date;
};

export type CategoryTotal = { category: Category; votes: number; revision: number };

/** What all boards share: the models, how many votes there are, and which counts have changed. */
export type BoardState = {
  models: readonly ModelFacts[];
  modelById: ReadonlyMap<string, ModelFacts>;
  /** Overall first, then by votes. */
  totals: Readonly<Record<string, readonly CategoryTotal[]>>;
  voters: Readonly<Record<string, number>>;
  noiseFloor: NoiseFloor | null;
};

export type BoardStateReader = {
  /** At most a second old, or the last that is known while the database is lost; the same object while nothing has changed. */
  current(): Promise<BoardState>;
  /** The next reader asks the database. */
  expire(): void;
};

export function createBoardState({ db, logger }: { db: Database; logger: Logger }): BoardStateReader {
  let state: BoardState | null = null;
  let fingerprint = "";
  let checkedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<BoardState> | null = null;
  let changes = 0;

  async function read(): Promise<BoardState> {
    const startedAt = performance.now();
    const seenChanges = changes;
    const [models, categoryTotals, boardTotals, selfCounts] = await Promise.all([
      db.model.findMany({ orderBy: { name: "asc" } }),
      db.categoryTotal.findMany(),
      db.boardTotal.findMany(),
      db.pairCount.aggregate({
        where: { board: selfBoard, category: overallCategory },
        _sum: { winLow: true, winHigh: true, tie: true, bothBad: true },
      }),
    ]);
    const sums = selfCounts._sum;
    const found = {
      models,
      totals: groupTotals(categoryTotals),
      voters: Object.fromEntries(boardTotals.map(({ board, voters }) => [board, voters])),
      noiseFloor: toNoiseFloor(sums),
    };
    const seen = JSON.stringify(found);
    const isSame = state !== null && seen === fingerprint;
    const fresh =
      state !== null && isSame
        ? state
        : { ...found, modelById: new Map(models.map((model) => [model.id, model])) };
    // What was read before a change must not pass for what is there after it.
    if (seenChanges === changes) {
      state = fresh;
      fingerprint = seen;
      checkedAt = startedAt;
    }
    return fresh;
  }

  return {
    async current() {
      if (state !== null && performance.now() - checkedAt < recheckMs) return state;
      if (reading !== null) return reading;
      const own = read()
        .catch((error: unknown) => {
          if (state === null || databaseError(error) === error) throw error;
          logger.warn({ err: error }, "the database is lost: boards stay as they were");
          checkedAt = performance.now();
          return state;
        })
        .finally(() => {
          if (reading === own) reading = null;
        });
      reading = own;
      return own;
    },
    expire() {
      changes++;
      checkedAt = Number.NEGATIVE_INFINITY;
      reading = null;
    },
  };
}

/** How far the counts of a board's category have come; 0 before its first vote. */
export function revisionOf(state: BoardState, board: BoardName, category: Category): number {
  return state.totals[board]?.find((total) => total.category === category)?.revision ?? 0;
}

type TotalRow = { board: string; category: string; votes: number; revision: bigint };

function groupTotals(rows: readonly TotalRow[]): Record<string, CategoryTotal[]> {
  const totals: Record<string, CategoryTotal[]> = {};
  for (const { board, category, votes, revision } of rows) {
    // Another version of the site may know categories that this one does not.
    const known = categorySchema.safeParse(category);
    if (!known.success) continue;
    const ofBoard = totals[board] ?? [];
    totals[board] = ofBoard;
    ofBoard.push({ category: known.data, votes, revision: Number(revision) });
  }
  for (const ofBoard of Object.values(totals)) {
    ofBoard.sort(
      (x, y) =>
        Number(y.category === overallCategory) - Number(x.category === overallCategory) ||
        y.votes - x.votes ||
        (x.category < y.category ? -1 : 1),
    );
  }
  return totals;
}

type Sums = { winLow: number | null; winHigh: number | null; tie: number | null; bothBad: number | null };

function toNoiseFloor({ winLow, winHigh, tie, bothBad }: Sums): NoiseFloor | null {
  const preferredA = winLow ?? 0;
  const preferredB = winHigh ?? 0;
  const votes = preferredA + preferredB + (tie ?? 0) + (bothBad ?? 0);
  return votes === 0 ? null : { votes, preferredA, preferredB };
}
