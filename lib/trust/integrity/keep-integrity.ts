import { hkdfSync } from "node:crypto";
import type { Database } from "@/lib/db";
import type { SiteSettings } from "@/lib/settings";
import { forgetExpired } from "./forget";
import { quarantineSubjects } from "./quarantine-subjects";
import { sweepVotes } from "./sweep-votes";

export type IntegrityDeps = {
  db: Database;
  /** The site's secret; what is derived from it keys the hashes of prompts. */
  secret: string;
  integrity: () => SiteSettings["integrity"];
  logger: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  /** How long a vote rests before it is judged, so that its reveal never waits. Default 2 s. */
  settleMs?: number;
};

export type IntegrityKeeper = {
  start(): void;
  /** Judges everything that waits now, and compares the evidence. For tests, and for `npm run admin`. */
  runNow(signal?: AbortSignal): Promise<number>;
  /** Ends after the batch under way. */
  stop(): Promise<void>;
};

/** Any fixed number: one judge at a time, of all servers. */
const integrityLock = 7_302_003;
const everyMs = 3_000;
/** Evidence of all voters is compared at most this often. */
const compareMs = 30_000;
const forgetMs = 3_600_000;

/**
 * Looks at votes after they were cast, in the background: no vote waits for it, and its answer does not tell what it finds.
 * Each server may do it; they take turns. A failure costs nothing but time, because what waits is in the database.
 */
export function createIntegrityKeeper(deps: IntegrityDeps): IntegrityKeeper {
  const { db, secret, integrity, logger, settleMs = 2_000 } = deps;
  const promptKey = Buffer.from(hkdfSync("sha256", secret, "", "chat-arena prompts", 32));
  const abort = new AbortController();
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let comparedAt = Number.NEGATIVE_INFINITY;
  let forgotAt = Number.NEGATIVE_INFINITY;
  let isComparisonDue = true;

  async function isAnythingWaiting(): Promise<boolean> {
    return (await db.voteCheckQueue.findFirst({ select: { voteId: true } })) !== null;
  }

  /** @returns null where another server is at it */
  async function alone<T>(act: () => Promise<T>): Promise<T | null> {
    return db.$transaction(
      async (tx) => {
        const [lock] = await tx.$queryRaw<{ isMine: boolean }[]>`
          SELECT pg_try_advisory_xact_lock(${integrityLock}) AS "isMine"`;
        return lock?.isMine === true ? act() : null;
      },
      { maxWait: 30_000, timeout: 600_000 },
    );
  }

  async function sweepAll(signal: AbortSignal, restMs: number): Promise<number> {
    let judged = 0;
    while (!signal.aborted) {
      const votes = await sweepVotes({ db, integrity, promptKey }, restMs);
      if (votes === 0) break;
      judged += votes;
      isComparisonDue = true;
    }
    return judged;
  }

  async function compare(): Promise<void> {
    isComparisonDue = false;
    comparedAt = performance.now();
    const { subjects, campaigns } = await quarantineSubjects(db, integrity());
    for (const found of subjects) logger.info(found, "votes were put in quarantine");
    for (const campaign of campaigns) logger.warn(campaign, "many voters push the same model");
  }

  async function pass(): Promise<void> {
    try {
      if (performance.now() - forgotAt >= forgetMs) {
        forgotAt = performance.now();
        await forgetExpired(db, integrity().keepNetworkDays);
      }
      const isDue = isComparisonDue && performance.now() - comparedAt >= compareMs;
      if (!isDue && !(await isAnythingWaiting())) return;
      await alone(async () => {
        await sweepAll(abort.signal, settleMs);
        if (isComparisonDue && performance.now() - comparedAt >= compareMs) await compare();
      });
    } catch (error) {
      if (!abort.signal.aborted)
        logger.warn({ err: error }, "votes could not be looked at; it will be tried again");
    }
  }

  const tick = () => {
    running ??= pass().finally(() => {
      running = null;
    });
  };

  return {
    start() {
      timer ??= setInterval(tick, everyMs).unref();
    },
    async runNow(signal = abort.signal) {
      const judged = await alone(async () => {
        const votes = await sweepAll(signal, 0);
        await compare();
        return votes;
      });
      return judged ?? 0;
    },
    async stop() {
      clearInterval(timer);
      abort.abort();
      await running;
    },
  };
}
