import { type Database, databaseError } from "@/lib/db";
import { firstIdAt } from "../recent-id";

export type RecentAnswers = {
  answers: number;
  failed: number;
  /** Milliseconds to the first token or byte; null without an answer. */
  medianMs: number | null;
  p99Ms: number | null;
  /** Medians by worker. */
  byWorker: ReadonlyMap<string, number>;
};

type Row = {
  worker_id: string | null;
  answers: bigint;
  failed: bigint;
  median: number | null;
  p99: number | null;
};

/**
 * Answers of battles, chats and /v1 that began since a time, over all servers. A row with `worker_id` null holds them all.
 * Errors: `database_unavailable`.
 */
export async function recentAnswers(db: Database, since: Date): Promise<RecentAnswers> {
  const first = firstIdAt(since);
  try {
    const rows = await db.$queryRaw<Row[]>`
      WITH recent AS (
        SELECT worker_id, first_token_ms AS ms, status = 'failed' AS failed FROM responses WHERE id >= ${first}::uuid
        UNION ALL
        SELECT worker_id, first_token_ms, status = 'failed' FROM messages
          WHERE id >= ${first}::uuid AND role = 'assistant'
        UNION ALL
        SELECT worker_id, first_byte_ms, status >= 500 FROM usage_records WHERE id >= ${first}::uuid
      )
      SELECT worker_id, count(*) AS answers, count(*) FILTER (WHERE failed) AS failed,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS median,
        percentile_cont(0.99) WITHIN GROUP (ORDER BY ms) AS p99
      FROM recent GROUP BY GROUPING SETS ((), (worker_id)) ORDER BY GROUPING(worker_id) DESC`;
    const [all, ...each] = rows;
    return {
      answers: Number(all?.answers ?? 0),
      failed: Number(all?.failed ?? 0),
      medianMs: all?.median ?? null,
      p99Ms: all?.p99 ?? null,
      byWorker: new Map(
        each.flatMap(({ worker_id, median }) =>
          worker_id === null || median === null ? [] : [[worker_id, median]],
        ),
      ),
    };
  } catch (error) {
    throw databaseError(error);
  }
}
