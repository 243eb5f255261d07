import { hkdfSync } from "node:crypto";
import { Gauge, type Registry } from "prom-client";
import type { Database } from "@/lib/db";
import { stuckVoteMs } from "@/lib/protocol";
import type { SiteSettings } from "@/lib/settings";
import { isAnythingDue, readCheckQueue } from "./check-queue";
import { forgetExpired } from "./forget";
import { createQuarantine } from "./quarantine-subjects";
import { sweepQueue } from "./sweep-queue";

export type IntegrityDeps = {
  db: Database;
  /** The site's secret; what is derived from it keys the hashes of prompts. */
  secret: string;
  integrity: () => SiteSettings["integrity"];
  logger: Record<"info" | "warn" | "error", (fields: object, message: string) => void>;
  /** Where the length of the queue is told. Default: nowhere. */
  metrics?: Registry;
  /** How long a vote rests before it is judged, so that its reveal never waits. Default 2 s. */
  settleMs?: number;
  /** How long one server goes on before another may take its turn. Default 4 minutes. */
  turnMs?: number;
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
const lookMs = 15_000;
/**
 * The lock ends with its transaction. A turn ends long before: what is under way at its end, a batch or an act, has its own limit
 * of three minutes.
 */
const lockMs = 600_000;

/**
 * Looks at votes after they were cast, in the background: no vote waits for it, and its answer does not tell what it finds.
 * Each server may do it; they take turns. A failure costs nothing but time, because what waits is in the database.
 */
export function createIntegrityKeeper(deps: IntegrityDeps): IntegrityKeeper {
  const { db, secret, integrity, logger, settleMs = 2_000, turnMs = 240_000 } = deps;
  const promptKey = Buffer.from(hkdfSync("sha256", secret, "", "chat-arena prompts", 32));
  const quarantine = createQuarantine(db);
  const tellQueue = queueWatch(deps);
  const abort = new AbortController();
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let comparedAt = Number.NEGATIVE_INFINITY;
  let forgotAt = Number.NEGATIVE_INFINITY;
  let isComparisonDue = true;

  /** @returns null where another server is at it */
  async function alone<T>(
    signal: AbortSignal,
    act: (mayGoOn: () => Promise<boolean>) => Promise<T>,
  ): Promise<T | null> {
    return db.$transaction(
      async (tx) => {
        const [lock] = await tx.$queryRaw<{ isMine: boolean }[]>`
          SELECT pg_try_advisory_xact_lock(${integrityLock}) AS "isMine"`;
        if (lock?.isMine !== true) return null;
        const endsAt = performance.now() + turnMs;
        return act(async () => {
          if (signal.aborted || performance.now() > endsAt) return false;
          // The lock is this connection's. Where that is gone, another server may be at it by now, and this rejects.
          await tx.$executeRaw`SELECT 1`;
          return true;
        });
      },
      { maxWait: 30_000, timeout: lockMs },
    );
  }

  async function sweep(restMs: number, mayGoOn: () => Promise<boolean>): Promise<number> {
    const judged = await sweepQueue({ db, integrity, promptKey, logger }, { settleMs: restMs, mayGoOn });
    if (judged > 0) isComparisonDue = true;
    return judged;
  }

  async function compare(mayGoOn: () => Promise<boolean>): Promise<void> {
    comparedAt = performance.now();
    const { subjects, campaigns, isWhole } = await quarantine.run(integrity(), mayGoOn);
    isComparisonDue = !isWhole;
    for (const found of subjects) logger.info(found, "votes were put in quarantine");
    for (const campaign of campaigns) logger.warn(campaign, "many voters push the same model");
  }

  async function pass(): Promise<void> {
    try {
      await tellQueue();
      if (performance.now() - forgotAt >= forgetMs) {
        forgotAt = performance.now();
        await forgetExpired(db, integrity().keepNetworkDays);
      }
      const isDue = isComparisonDue && performance.now() - comparedAt >= compareMs;
      if (!isDue && !(await isAnythingDue(db))) return;
      await alone(abort.signal, async (mayGoOn) => {
        await sweep(settleMs, mayGoOn);
        if (isComparisonDue && performance.now() - comparedAt >= compareMs) await compare(mayGoOn);
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
      let judged = 0;
      for (;;) {
        const turn = await alone(signal, async (mayGoOn) => {
          const votes = await sweep(0, mayGoOn);
          await compare(mayGoOn);
          return votes;
        });
        judged += turn ?? 0;
        // What a turn did not get to is done in the next.
        if (turn === null || !isComparisonDue || signal.aborted) break;
      }
      await tellQueue();
      return judged;
    },
    async stop() {
      clearInterval(timer);
      abort.abort();
      await running;
    },
  };
}

/** Tells, now and then, how long the queue is, and says once when it stands still. */
function queueWatch({ db, metrics, logger }: IntegrityDeps): () => Promise<void> {
  const gauge = (name: string, help: string) =>
    // The same queue, seen by every process.
    metrics === undefined ? null : new Gauge({ name, help, registers: [metrics], aggregator: "max" });
  const waiting = gauge("arena_votes_waiting", "Votes that the integrity rules have not looked at yet.");
  const oldest = gauge("arena_votes_oldest_waiting_seconds", "How long the oldest of them has waited.");
  const aside = gauge("arena_votes_set_aside", "Votes that could not be judged; they count meanwhile.");
  let lookedAt = Number.NEGATIVE_INFINITY;
  let isStuck = false;
  return async () => {
    if (performance.now() - lookedAt < lookMs) return;
    lookedAt = performance.now();
    const queue = await readCheckQueue(db);
    waiting?.set(queue.waiting);
    oldest?.set(queue.oldestMs / 1_000);
    aside?.set(queue.setAside);
    const wasStuck = isStuck;
    isStuck = queue.oldestMs > stuckVoteMs;
    if (isStuck && !wasStuck) logger.error(queue, "votes are not judged: the oldest has waited too long");
    if (!isStuck && wasStuck) logger.info(queue, "votes are judged again");
  };
}
