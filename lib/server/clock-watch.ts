import { Gauge, type Registry } from "prom-client";
import { type ClockDifference, readClockDifference } from "@/lib/db";

const checkMs = 60_000;

export type ClockWatchDeps = {
  /** The database's clock, in milliseconds since the epoch. */
  readDatabaseMs: () => Promise<number>;
  logger: Record<"debug" | "info" | "warn", (fields: object, message: string) => void>;
  metrics: Registry;
  /** This machine's clock. Default: its wall clock. */
  now?: (() => number) | undefined;
};

export type ClockWatch = {
  /** Compares the clocks once. Never rejects: without a database what was known stays. */
  check(): Promise<void>;
  /** Null until they have been compared. */
  difference(): ClockDifference | null;
  /** The time by the database's clock, as far as it is known. */
  databaseNow(): Date;
  /** Compares now and every minute. Settles with the first answer. */
  start(): Promise<void>;
  stop(): void;
};

/**
 * Watches whether this machine's clock agrees with the database's, which all servers share. One that is wrong from the start breaks
 * nothing at once, so nobody would notice: heartbeats, budgets and the times of votes are off without a word.
 */
export function createClockWatch({
  readDatabaseMs,
  logger,
  metrics,
  now = Date.now,
}: ClockWatchDeps): ClockWatch {
  let known: ClockDifference | null = null;
  let timer: NodeJS.Timeout | undefined;
  const gauge = new Gauge({
    name: "arena_clock_difference_seconds",
    help: "By how much the server's clock and the database's differ, without the sign.",
    registers: [metrics],
    aggregator: "max",
  });

  async function check(): Promise<void> {
    const wasOff = known?.isOff ?? false;
    try {
      known = await readClockDifference(readDatabaseMs, now);
    } catch (error) {
      // That the database is away is said by those who need it.
      logger.debug({ err: error }, "the clock could not be compared with the database's");
      return;
    }
    const { differenceMs, isOff } = known;
    gauge.set(Math.abs(differenceMs) / 1_000);
    // Once for each change: it may stay so for days.
    if (isOff && !wasOff) {
      logger.warn(
        { differenceMs: Math.round(differenceMs) },
        "this machine's clock and the database's do not agree; set both by NTP, then restart the servers",
      );
    }
    if (!isOff && wasOff) logger.info({}, "this machine's clock and the database's agree again");
  }

  return {
    check,
    difference: () => known,
    databaseNow: () => new Date(now() + (known?.differenceMs ?? 0)),
    async start() {
      timer = setInterval(() => void check(), checkMs);
      timer.unref();
      await check();
    },
    stop: () => clearInterval(timer),
  };
}
