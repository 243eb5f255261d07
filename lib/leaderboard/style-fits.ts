import type { Logger } from "pino";
import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import type { Database } from "@/lib/db";
import { styleEffectSchema, unratedReasonSchema } from "@/lib/protocol";
import type { BackgroundWork } from "./background-work";
import type { BoardKey } from "./board-fits";
import type { ShownFit } from "./board-view";
import { storeSnapshot } from "./store-snapshot";
import { styleFitVersion, styleParameters } from "./style-fit";

/** A reader of a board that has never been fitted waits so long before they are told to come back. */
const firstWaitMs = 1_500;

const fittedRowSchema = z.object({
  modelId: z.string(),
  votes: z.number(),
  winRate: z.number().nullable(),
  rating: z
    .object({ score: z.number(), lower: z.number(), upper: z.number(), isPreliminary: z.boolean() })
    .nullable(),
  unratedReason: unratedReasonSchema.nullable(),
});
const storedResultSchema = z.object({
  rows: z.array(fittedRowSchema),
  effects: z.array(styleEffectSchema),
  converged: z.boolean(),
});

export type StyleFits = {
  /**
   * The newest fit with style held equal, at most `refreshMs` behind the votes; a newer one is made in the background.
   * Not ready while the first is being made, and where the votes do not determine one.
   *
   * @param revision of the counts: without a change nothing is fitted again
   */
  latest(key: BoardKey, revision: number): Promise<ShownFit>;
};

type Slot = { fit: ShownFit | null; revision: number; startedAt: number; running: Promise<void> | null };

export function createStyleFits(deps: {
  db: Database;
  logger: Logger;
  work: BackgroundWork;
  /** Shortest time between two fits of a board. */
  refreshMs: number;
  /** A new fit is there. */
  onFit: (key: BoardKey, snapshotId: string) => void;
}): StyleFits {
  const { db, logger, work, refreshMs, onFit } = deps;
  const slots = new Map<string, Slot>();

  async function refresh(key: BoardKey, slot: Slot, revision: number): Promise<void> {
    // Another server may have fitted it a moment ago.
    const stored = await readStored(db, key);
    if (stored !== null && (slot.fit === null || isNewer(stored, slot.fit))) slot.fit = stored;
    if (stored?.fittedAt != null && Date.now() - stored.fittedAt.getTime() < refreshMs) return;
    const result = await work.run({ kind: "style", key });
    slot.revision = revision;
    if (result === null) {
      slot.fit = null;
      return;
    }
    const { rows, effects, votes, voters, inputsHash, converged } = result;
    const snapshot = await storeSnapshot(db, {
      id: uuidv7(),
      ...key,
      variant: "style",
      ...{ votes, voters, inputsHash },
      parameters: styleParameters,
      codeVersion: styleFitVersion,
      result: { rows, effects, converged },
      scores: Object.fromEntries(
        rows.map(({ modelId, votes: count, rating }) => [
          modelId,
          [count, rating?.score ?? null, rating?.lower ?? null, rating?.upper ?? null],
        ]),
      ),
    });
    slot.fit = {
      ...{ rows, votes, voters, inputsHash, converged, styleEffects: effects },
      ...{ ties: "half", isReady: true, codeVersion: styleFitVersion },
      ...{ snapshotId: snapshot.id, fittedAt: snapshot.createdAt },
    };
    onFit(key, snapshot.id);
  }

  return {
    async latest(key, revision) {
      if (revision === 0) return notReady;
      const name = `${key.board}/${key.category}`;
      const slot = slots.get(name) ?? {
        fit: null,
        revision: -1,
        startedAt: Number.NEGATIVE_INFINITY,
        running: null,
      };
      slots.set(name, slot);
      const isDue = slot.revision !== revision && performance.now() - slot.startedAt >= refreshMs;
      if (isDue && slot.running === null) {
        slot.startedAt = performance.now();
        slot.running = refresh(key, slot, revision)
          .catch((error: unknown) =>
            logger.error({ err: error, ...key }, "a board with style control could not be fitted"),
          )
          .finally(() => {
            slot.running = null;
          });
      }
      if (slot.fit === null && slot.running !== null) await atMost(slot.running, firstWaitMs);
      return slot.fit ?? notReady;
    },
  };
}

const notReady: ShownFit = {
  rows: [],
  ties: "half",
  snapshotId: null,
  fittedAt: null,
  inputsHash: "",
  codeVersion: styleFitVersion,
  votes: 0,
  voters: 0,
  isReady: false,
  converged: false,
  styleEffects: [],
};

function isNewer(stored: ShownFit, known: ShownFit): boolean {
  return (stored.fittedAt?.getTime() ?? 0) > (known.fittedAt?.getTime() ?? 0);
}

async function readStored(db: Database, key: BoardKey): Promise<ShownFit | null> {
  const row = await db.ratingSnapshot.findFirst({
    where: { ...key, variant: "style", codeVersion: styleFitVersion },
    orderBy: { createdAt: "desc" },
  });
  if (row === null) return null;
  const { rows, effects, converged } = storedResultSchema.parse(row.result);
  return {
    ...{ rows, converged, styleEffects: effects, ties: "half", isReady: true },
    ...{
      snapshotId: row.id,
      fittedAt: row.createdAt,
      inputsHash: row.inputsHash,
      codeVersion: row.codeVersion,
    },
    ...{ votes: row.votes, voters: row.voters },
  };
}

async function atMost(work: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}
