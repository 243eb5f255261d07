import type { Logger } from "pino";
import { v7 as uuidv7 } from "uuid";
import type { Database, Prisma } from "@/lib/db";
import type { BoardName, Category } from "@/lib/protocol";
import type { BoardRow } from "@/lib/rating";
import { type BoardStateReader, revisionOf } from "./board-state";
import { overallCategory } from "./count-vote";
import { type BoardFit, type CountRow, fitCounts, fitParameters, fitVersion } from "./fit-counts";
import { snapshotResult } from "./snapshot-result";
import { storeSnapshot } from "./store-snapshot";
import { createWriteBehind } from "./write-behind";

export type BoardKey = { board: BoardName; category: Category };

/** A fit and the snapshot that it was stored as; before the first vote there is none. */
export type Fitted = BoardFit & {
  key: BoardKey;
  snapshotId: string | null;
  fittedAt: Date | null;
  revision: number;
};

export type BoardFits = {
  /** The newest fit of every vote that was counted before, as far as this process can know: see {@link BoardStateReader}. */
  latest(key: BoardKey): Promise<Fitted>;
  /** Fits on every vote that was committed before the call. Calls at the same time share fits. */
  refit(key: BoardKey): Promise<Fitted>;
  /** Resolves when the fits so far are stored, or what stopped them is logged. */
  stored(): Promise<void>;
  /** Stores what is to be stored, and ends. */
  close(): Promise<void>;
};

type Slot = {
  fitted: Fitted | null;
  running: Promise<Fitted> | null;
  next: Promise<Fitted> | null;
  /** Stores the newest fit of the slot behind the readers' backs. */
  store: (fitted: Fitted) => void;
};

/**
 * The fits of all boards and categories, each made when somebody wants it and its counts have changed. Only counts are
 * read, so the number of votes does not matter.
 */
export function createBoardFits(deps: {
  db: Database;
  logger: Logger;
  state: BoardStateReader;
  onFit: (fitted: Fitted) => void;
}): BoardFits {
  const { db, logger, state, onFit } = deps;
  const slots = new Map<string, Slot>();
  const writer = createWriteBehind((error) => logger.error({ err: error }, "a board's fit was not stored"));

  async function fitNow(key: BoardKey, slot: Slot): Promise<Fitted> {
    const { rows, ...totals } = await readCounts(db, key);
    const fit = fitCounts(rows, totals);
    const { revision } = totals;
    if (slot.fitted?.inputsHash === fit.inputsHash) {
      slot.fitted = { ...slot.fitted, votes: fit.votes, voters: fit.voters, revision };
      return slot.fitted;
    }
    if (fit.modelIds.length === 0) {
      slot.fitted = { ...fit, key, revision, snapshotId: null, fittedAt: null };
      return slot.fitted;
    }
    // A server that has just started, or another one, may have fitted the same.
    const stored = slot.fitted === null ? await findStored(db, key, fit.inputsHash) : null;
    slot.fitted = {
      ...{ ...fit, key, revision, snapshotId: stored?.id ?? uuidv7() },
      fittedAt: stored?.createdAt ?? new Date(),
    };
    if (stored === null) slot.store(slot.fitted);
    state.expire();
    logger.debug({ ...key, votes: fit.votes, models: fit.modelIds.length }, "board refitted");
    onFit(slot.fitted);
    return slot.fitted;
  }

  /** A call during a fit cannot trust that fit to hold its vote: it shares the one that comes after. */
  function refit(key: BoardKey): Promise<Fitted> {
    const slot = slotOf(key);
    const settle = () => {
      slot.running = slot.next;
      slot.next = null;
    };
    const start = () => fitNow(key, slot);
    if (slot.running === null) {
      slot.running = start().finally(settle);
      return slot.running;
    }
    slot.next ??= slot.running.then(start, start).finally(settle);
    return slot.next;
  }

  function slotOf({ board, category }: BoardKey): Slot {
    const name = `${board}/${category}`;
    const known = slots.get(name);
    if (known !== undefined) return known;
    const slot: Slot = {
      ...{ fitted: null, running: null, next: null },
      store: writer.slot<Fitted>((fitted) => storeFit(db, fitted)),
    };
    slots.set(name, slot);
    return slot;
  }

  return {
    refit,
    stored: writer.idle,
    close: writer.close,
    async latest(key) {
      const revision = revisionOf(await state.current(), key.board, key.category);
      // Anyone may ask for the board of any language: what has no votes takes no memory.
      if (revision === 0)
        return { ...fitCounts([], { votes: 0, voters: 0 }), key, snapshotId: null, fittedAt: null, revision };
      const { fitted } = slotOf(key);
      return fitted !== null && fitted.revision >= revision ? fitted : refit(key);
    },
  };
}

async function storeFit(db: Database, fitted: Fitted): Promise<void> {
  const { key, snapshotId, fittedAt, votes, voters, inputsHash } = fitted;
  if (snapshotId === null || fittedAt === null) return;
  await storeSnapshot(db, {
    ...{ id: snapshotId, createdAt: fittedAt, ...key, variant: "counts", votes, voters, inputsHash },
    ...{ parameters: fitParameters, codeVersion: fitVersion },
    result: snapshotResult(fitted),
    scores: scoresOf(fitted.board.rows, fitted.modelIds),
  });
}

/** The newest snapshot of a board, if it is of these counts and this code. */
async function findStored(
  db: Database,
  key: BoardKey,
  inputsHash: string,
): Promise<{ id: string; createdAt: Date } | null> {
  const newest = await db.ratingSnapshot.findFirst({
    where: { ...key, variant: "counts" },
    orderBy: { createdAt: "desc" },
    select: { id: true, createdAt: true, inputsHash: true, codeVersion: true },
  });
  return newest?.inputsHash === inputsHash && newest.codeVersion === fitVersion ? newest : null;
}

/** One statement, so that counts and totals are of the same moment; one JSON value, which costs a third of as many rows. */
async function readCounts(
  db: Database,
  { board, category }: BoardKey,
): Promise<{ rows: CountRow[]; votes: number; voters: number; revision: number }> {
  const [found] = await db.$queryRaw<
    {
      counts: [string, string, number, number, number, number][];
      votes: number;
      voters: number;
      revision: number;
    }[]
  >`
    SELECT
      (SELECT COALESCE(json_agg(json_build_array(low_id, high_id, win_low, win_high, tie, both_bad)
                                 ORDER BY low_id, high_id), '[]')
       FROM pair_counts WHERE board = ${board} AND category = ${category}
         AND win_low + win_high + tie + both_bad > 0) AS counts,
      COALESCE((SELECT votes FROM category_totals WHERE board = ${board} AND category = ${category}), 0) AS votes,
      COALESCE((SELECT revision FROM category_totals WHERE board = ${board} AND category = ${category}), 0)::float8 AS revision,
      COALESCE((SELECT voters FROM board_totals WHERE board = ${board} AND ${category} = ${overallCategory}), 0) AS voters`;
  if (found === undefined) throw new Error("The counts of a board were not answered.");
  const rows = found.counts.map(
    ([lowId, highId, winLow, winHigh, tie, bothBad]): CountRow => ({
      lowId,
      highId,
      winLow,
      winHigh,
      tie,
      bothBad,
    }),
  );
  return { rows, votes: found.votes, voters: found.voters, revision: found.revision };
}

/** See `rating_snapshots.scores`. */
export function scoresOf(rows: readonly BoardRow[], modelIds: readonly string[]): Prisma.InputJsonObject {
  return Object.fromEntries(
    rows.map(({ model, votes, rating }) => [
      modelIds[model] ?? "",
      [votes, rating?.score ?? null, rating?.lower ?? null, rating?.upper ?? null],
    ]),
  );
}
