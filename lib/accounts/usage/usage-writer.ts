import { isAppError } from "@/lib/errors";
import type { AccountsLogger } from "../logger";
import type { UsageRecord } from "./usage-record";

export type UsageWriterOptions = {
  /** Writes a batch as a whole or not at all. */
  insert: (records: readonly UsageRecord[]) => Promise<void>;
  logger: AccountsLogger;
  intervalMs?: number;
  /** So many records are written without waiting for the interval. */
  batchSize?: number;
  /** Most records that wait, while the database is away or slow. Newer ones are dropped. */
  capacity?: number;
  onDropped?: (count: number) => void;
  onWritten?: (count: number) => void;
};

export type UsageWriter = {
  start(): void;
  /** Synchronous and cheap. */
  add(record: UsageRecord): void;
  /** Records that wait or are being written. */
  size(): number;
  /** Writes everything that was added before the call, if the database takes it. Does not reject. */
  flush(): Promise<void>;
  /** Flushes; what cannot be written now is lost, and said so. Nothing may be added afterwards. */
  close(): Promise<void>;
};

/** Rows in one statement: beyond that a longer statement is not a faster one. */
const largestBatch = 1_000;

/**
 * Usage in batches: written every 500 ms or every 1,000 records. A process that dies loses what it had not written, at
 * most one batch and what came during the writing of the one before.
 */
export function createUsageWriter(options: UsageWriterOptions): UsageWriter {
  const { insert, logger, intervalMs = 500, batchSize = largestBatch, capacity = 50_000 } = options;
  let waiting: UsageRecord[] = [];
  let writing = 0;
  let running: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;
  let isAway = false;
  /** Since the outage began. */
  let dropped = 0;

  function drop(count: number): void {
    dropped += count;
    options.onDropped?.(count);
  }

  /** What waits now, and after that only full batches: what comes meanwhile, always a few, would make a statement for each few. */
  async function writeWaiting(): Promise<void> {
    let due = waiting.length;
    while (due > 0 || waiting.length >= batchSize) {
      const batch = waiting.splice(0, largestBatch);
      writing = batch.length;
      due -= batch.length;
      try {
        await write(batch);
        if (isAway) logger.info({ dropped }, "usage is written again");
        isAway = false;
        dropped = 0;
      } catch (error) {
        waiting = [...batch, ...waiting];
        const surplus = waiting.length - capacity;
        if (surplus > 0) {
          waiting.length = capacity;
          drop(surplus);
        }
        // Once an outage.
        if (!isAway)
          logger.warn({ err: error, waiting: waiting.length }, "usage cannot be written; it is kept");
        isAway = true;
        return;
      } finally {
        writing = 0;
      }
    }
  }

  /** A batch that the database takes offence at is halved until the record at fault is alone: it must not hold up the rest. */
  async function write(batch: readonly UsageRecord[]): Promise<void> {
    try {
      await insert(batch);
      options.onWritten?.(batch.length);
    } catch (error) {
      if (isAppError(error) && error.code === "database_unavailable") throw error;
      if (batch.length > 1) {
        const middle = Math.ceil(batch.length / 2);
        await write(batch.slice(0, middle));
        await write(batch.slice(middle));
        return;
      }
      drop(1);
      logger.error({ err: error, requestId: batch[0]?.requestId }, "a usage record cannot be written");
    }
  }

  function run(): Promise<void> {
    running ??= writeWaiting().finally(() => {
      running = null;
    });
    return running;
  }

  async function flush(): Promise<void> {
    // The run under way may leave what came after it began.
    await run();
    if (waiting.length > 0 && !isAway) await run();
  }

  return {
    start() {
      timer = setInterval(() => void run(), intervalMs);
      timer.unref();
    },
    add(record) {
      if (waiting.length + writing >= capacity) {
        if (dropped === 0) logger.error({ capacity }, "usage records are being dropped");
        drop(1);
        return;
      }
      waiting.push(record);
      // While the database is away the interval is soon enough.
      if (waiting.length >= batchSize && !isAway) void run();
    },
    size: () => waiting.length + writing,
    flush,
    async close() {
      clearInterval(timer);
      await flush();
      if (waiting.length === 0) return;
      logger.error({ lost: waiting.length }, "usage records are lost: the database is away at the stop");
      drop(waiting.length);
      waiting = [];
    },
  };
}
