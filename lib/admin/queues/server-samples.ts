import { randomUUID } from "node:crypto";
import type { Registry } from "prom-client";
import type { Controller } from "@/lib/controller";
import { type Database, databaseError, tolerableClockMs } from "@/lib/db";
import type { NoticesView } from "@/lib/protocol";
import { readCheckQueue } from "@/lib/trust";

/** A sample each so many milliseconds, kept for a day. */
export const sampleMs = 5_000;
const keptMs = 24 * 3_600_000;
const purgeEvery = 720;

export type SamplerDeps = {
  db: Database;
  controller: Pick<Controller, "queue">;
  /** What this server knows of the database's clock, by which samples are dated: those of a server whose clock is wrong would be missing otherwise. */
  clock: { difference(): { differenceMs: number } | null; databaseNow(): Date };
  /** Whether requests come by a proxy that TRUST_PROXY does not name. */
  isProxyUnnamed: () => boolean;
  metrics: Registry;
  logger: { warn(fields: object, message: string): void };
};

/** Writes what this process sees of its line, so that the console shows all servers wherever it is asked. */
export function createSampler({ db, controller, clock, isProxyUnnamed, metrics, logger }: SamplerDeps) {
  const serverId = randomUUID();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  let before = { answered: 0, failed: 0 };
  let written = 0;
  let isFailing = false;

  const sample = async (now = clock.databaseNow()): Promise<void> => {
    const { interactive, batch, running } = controller.queue();
    const totals = await dispatchTotals(metrics);
    const since = { answered: totals.answered - before.answered, failed: totals.failed - before.failed };
    const clockMs = clock.difference()?.differenceMs ?? null;
    try {
      await db.serverSample.create({
        data: {
          ...{ serverId, at: now, waiting: interactive + batch, running, ...since, clockMs },
          isProxyUnnamed: isProxyUnnamed(),
        },
      });
      before = totals;
      written += 1;
      if (written % purgeEvery === 1) {
        await db.serverSample.deleteMany({ where: { at: { lt: new Date(now.getTime() - keptMs) } } });
      }
      isFailing = false;
    } catch (error) {
      // Not at every sample: the database may be away for hours.
      if (!isFailing) logger.warn({ err: error }, "samples of the queue cannot be written");
      isFailing = true;
    }
  };

  return {
    sample,
    start() {
      timer = setInterval(() => {
        writing = writing.then(() => sample());
      }, sampleMs);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      await writing;
    },
  };
}

async function dispatchTotals(metrics: Registry): Promise<{ answered: number; failed: number }> {
  const totals = { answered: 0, failed: 0 };
  const attempts = await metrics.getSingleMetric("arena_dispatch_attempts_total")?.get();
  for (const { labels, value } of attempts?.values ?? []) {
    if (labels["outcome"] === "answered") totals.answered += value;
    else if (labels["outcome"] !== "aborted") totals.failed += value;
  }
  const refused = await metrics.getSingleMetric("arena_dispatch_refused_total")?.get();
  for (const { value } of refused?.values ?? []) totals.failed += value;
  return totals;
}

/**
 * The servers' lines now, and what is wrong with the site: by their latest samples, and by the votes that nobody has judged. A
 * server that has written none for a while is gone. Errors: `database_unavailable`.
 *
 * @param now by the database's clock
 */
export async function readQueue(
  db: Database,
  now: Date,
): Promise<{ servers: number; waiting: number; running: number; notices: NoticesView }> {
  try {
    const rows = await db.serverSample.findMany({
      where: { at: { gte: new Date(now.getTime() - 4 * sampleMs) } },
      distinct: ["serverId"],
      orderBy: { at: "desc" },
    });
    const sum = (read: (row: (typeof rows)[number]) => number) =>
      rows.reduce((total, row) => total + read(row), 0);
    const off = rows.map(({ clockMs }) => Math.abs(clockMs ?? 0)).filter((ms) => ms > tolerableClockMs);
    return {
      servers: rows.length,
      waiting: sum(({ waiting }) => waiting),
      running: sum(({ running }) => running),
      notices: {
        clocks: { off: off.length, worstMs: Math.max(0, ...off) },
        isProxyUnnamed: rows.some((row) => row.isProxyUnnamed),
        judging: await readCheckQueue(db),
      },
    };
  } catch (error) {
    throw databaseError(error);
  }
}
