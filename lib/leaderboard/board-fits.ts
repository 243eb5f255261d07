import type { Logger } from "pino";
import { v7 as uuidv7 } from "uuid";
import { type Database, databaseError, type Prisma } from "@/lib/db";
import type { BoardName, Category } from "@/lib/protocol";
import type { BoardRow } from "@/lib/rating";
import { type BoardStateReader, revisionOf } from "./board-state";
import { coalesce } from "./coalesce";
import { type BoardFit, fitCounts, fitParameters, fitVersion } from "./fit-counts";
import { type Counts, readCounts } from "./read-counts";
import type { SharedFits } from "./shared-fits";
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
  /** Of the board's `overall` at the same moment. */
  boardRevision: number;
};

export type BoardFits = {
  /**
   * The newest fit of every vote that was counted before, as far as this process can know: see {@link BoardStateReader}.
   * Of the servers of a site one makes it, the others load it. While the database is lost, the last one that was there.
   */
  latest(key: BoardKey): Promise<Fitted>;
  /**
   * A fit of every vote that was committed before the call, without waiting for another server: where that is fitting the
   * board, this one is made beside it, and neither kept nor shown. Calls at the same time share fits.
   */
  refit(key: BoardKey): Promise<Fitted>;
  /** Resolves when the fits so far are stored, or what stopped them is logged. */
  stored(): Promise<void>;
  /** Stores what is to be stored, and ends. */
  close(): Promise<void>;
};

type Slot = {
  fitted: Fitted | null;
  /** Fits under way under the claim. */
  fitting: number;
  /** What others are to load and cannot yet. */
  sharing: Fitted | null;
  /** Fits and keeps what it fits; null where another server is at it. */
  fit: () => Promise<Fitted | null>;
  /** Fits and keeps nothing. */
  fitAside: () => Promise<Fitted>;
  /** Takes over what another server has fitted. */
  load: () => Promise<Fitted | null>;
  /** Stores the newest fit of the slot behind the readers' backs. */
  store: (fitted: Fitted) => void;
  /** Passes it on to other servers, at once. */
  share: (fitted: Fitted) => void;
};

/** Longest time that a reader is kept waiting for another server's fit. */
const patienceMs = 5_000;

/**
 * The fits of all boards and categories, each made when somebody wants it and its counts have changed, by one server of the
 * site: see {@link SharedFits}. Only counts are read, so the number of votes does not matter.
 */
export function createBoardFits(deps: {
  db: Database;
  logger: Logger;
  state: BoardStateReader;
  shared: SharedFits;
  onFit: (fitted: Fitted) => void;
}): BoardFits {
  const { db, logger, state, shared, onFit } = deps;
  const slots = new Map<string, Slot>();
  const writer = createWriteBehind((error) => logger.error({ err: error }, "a board's fit was not stored"));
  const sharer = createWriteBehind(
    (error) => logger.warn({ err: error }, "a board's fit was not passed on to other servers"),
    0,
  );

  async function fitNow(key: BoardKey, slot: Slot): Promise<Fitted | null> {
    slot.fitting += 1;
    try {
      // Together, so that the claim takes no time of its own.
      const [counts, { claim, fittedRevision, isAlone }] = await settleBoth(
        readCounts(db, key),
        shared.claim(key),
      );
      if (claim === "busy") return null;
      // Another server has fitted these very counts in between.
      if (fittedRevision === counts.revision && fittedRevision !== slot.fitted?.revision) {
        const loaded = await slot.load();
        if (loaded?.revision === counts.revision) return loaded;
      }
      const fitted = await keep(key, slot, counts);
      if (!isAlone && fitted.snapshotId !== null) {
        slot.sharing = fitted;
        slot.share(fitted);
      }
      return fitted;
    } finally {
      slot.fitting -= 1;
      await freeWhenDone(key, slot);
    }
  }

  async function keep(key: BoardKey, slot: Slot, { rows, ...totals }: Counts): Promise<Fitted> {
    // A fit without the claim may have been overtaken.
    if (slot.fitted !== null && slot.fitted.revision > totals.revision) return slot.fitted;
    const fit = fitCounts(rows, totals);
    if (slot.fitted?.inputsHash === fit.inputsHash) {
      slot.fitted = { ...slot.fitted, ...totals };
      return slot.fitted;
    }
    if (fit.modelIds.length === 0) {
      slot.fitted = { ...fit, ...totals, key, snapshotId: null, fittedAt: null };
      return slot.fitted;
    }
    // A server that has just started may have fitted the same before.
    const stored = slot.fitted === null ? await findStored(db, key, fit.inputsHash) : null;
    const fitted = {
      ...{ ...fit, ...totals, key, snapshotId: stored?.id ?? uuidv7() },
      fittedAt: stored?.createdAt ?? new Date(),
    };
    slot.fitted = fitted;
    slot.store(fitted);
    state.expire();
    logger.debug({ ...key, votes: fit.votes, models: fit.modelIds.length }, "board refitted");
    onFit(fitted);
    return fitted;
  }

  async function fitAside(key: BoardKey): Promise<Fitted> {
    const { rows, ...totals } = await readCounts(db, key);
    return { ...fitCounts(rows, totals), ...totals, key, snapshotId: null, fittedAt: null };
  }

  async function load(key: BoardKey, slot: Slot): Promise<Fitted | null> {
    const loaded = await shared.newest(key);
    if (loaded === null) return null;
    const known = slot.fitted;
    if (known !== null && known.revision >= loaded.revision) return known;
    slot.fitted = loaded;
    state.expire();
    logger.debug({ ...key, votes: loaded.votes }, "board loaded");
    if (known?.inputsHash !== loaded.inputsHash) onFit(loaded);
    return loaded;
  }

  /** The fit of at least these counts, whoever makes it. */
  async function obtain(key: BoardKey, slot: Slot, revision: number): Promise<Fitted> {
    const until = performance.now() + patienceMs;
    for (;;) {
      const own = await slot.fit();
      if (own !== null) return own;
      const isFreed = await shared.freed(key);
      const loaded = await slot.load();
      if (loaded !== null && loaded.revision >= revision) return loaded;
      if (isFreed && performance.now() < until) continue;
      logger.warn({ ...key }, "another server does not come to an end with a board: it is fitted here");
      return keep(key, slot, await readCounts(db, key));
    }
  }

  /** The claim is freed when all that was fitted under it can be loaded by others. */
  async function freeWhenDone(key: BoardKey, slot: Slot): Promise<void> {
    if (slot.fitting === 0 && slot.sharing === null) await shared.free(key);
  }

  async function share(fitted: Fitted, slot: Slot): Promise<void> {
    try {
      await shared.put(fitted);
    } finally {
      if (slot.sharing === fitted) slot.sharing = null;
      await freeWhenDone(fitted.key, slot);
    }
  }

  function slotOf(key: BoardKey): Slot {
    const name = `${key.board}/${key.category}`;
    const known = slots.get(name);
    if (known !== undefined) return known;
    const slot: Slot = {
      ...{ fitted: null, fitting: 0, sharing: null },
      fit: coalesce(() => fitNow(key, slot)),
      fitAside: coalesce(() => fitAside(key)),
      load: coalesce(() => load(key, slot)),
      store: writer.slot<Fitted>((fitted) => storeFit(db, fitted)),
      share: sharer.slot<Fitted>((fitted) => share(fitted, slot)),
    };
    slots.set(name, slot);
    return slot;
  }

  return {
    async refit(key) {
      const slot = slotOf(key);
      return (await slot.fit()) ?? slot.fitAside();
    },
    async stored() {
      await Promise.all([writer.idle(), sharer.idle()]);
    },
    async close() {
      await Promise.all([writer.close(), sharer.close()]);
      await shared.close();
    },
    async latest(key) {
      const revision = revisionOf(await state.current(), key.board, key.category);
      // Anyone may ask for the board of any language: what has no votes takes no memory.
      if (revision === 0) return noVotes(key);
      const slot = slotOf(key);
      const { fitted } = slot;
      if (fitted !== null && fitted.revision >= revision) return fitted;
      try {
        return await obtain(key, slot, revision);
      } catch (error) {
        if (fitted === null || databaseError(error) === error) throw error;
        logger.warn({ err: error, ...key }, "the database is lost: a board stays as it was");
        return fitted;
      }
    },
  };
}

function noVotes(key: BoardKey): Fitted {
  const totals = { votes: 0, voters: 0, revision: 0, boardRevision: 0 };
  return { ...fitCounts([], totals), ...totals, key, snapshotId: null, fittedAt: null };
}

/** Both results, or the first one's error when the second is there too: what it holds can then be given back. */
async function settleBoth<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  const [a, b] = await Promise.allSettled([first, second]);
  if (a.status === "rejected") throw a.reason;
  if (b.status === "rejected") throw b.reason;
  return [a.value, b.value];
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

/** See `rating_snapshots.scores`. */
export function scoresOf(rows: readonly BoardRow[], modelIds: readonly string[]): Prisma.InputJsonObject {
  return Object.fromEntries(
    rows.map(({ model, votes, rating }) => [
      modelIds[model] ?? "",
      [votes, rating?.score ?? null, rating?.lower ?? null, rating?.upper ?? null],
    ]),
  );
}
