import { type Database, databaseError } from "@/lib/db";
import type { AdminQueues } from "@/lib/protocol";
import { firstIdAt } from "../recent-id";
import { readQueue } from "./server-samples";

const bucketMs = 15_000;
const buckets = 60;
const hourMs = 3_600_000;

type BucketRow = { bucket: number; waiting: number; running: number; answered: number; failed: number };

type LatencyRow = { model: string; answers: number; failed: number } & Record<
  "first50" | "first95" | "total50" | "total95" | "wait50" | "wait95",
  number | null
>;

/** What the servers' lines hold and held, and how long answers took. `now`: by the database's clock. Errors: `database_unavailable`. */
export async function viewQueues(db: Database, now: Date): Promise<AdminQueues> {
  try {
    const [{ notices, ...queue }, history, rows] = await Promise.all([
      readQueue(db, now),
      historyOf(db, now),
      latenciesOf(db, new Date(now.getTime() - hourMs)),
    ]);
    return {
      now: queue,
      notices,
      history,
      models: rows.map((row) => ({
        ...{ model: row.model, answers: row.answers, failed: row.failed },
        firstToken: { median: row.first50, p95: row.first95 },
        total: { median: row.total50, p95: row.total95 },
        queueWait: { median: row.wait50, p95: row.wait95 },
      })),
    };
  } catch (error) {
    throw databaseError(error);
  }
}

/** Of each bucket: the mean of every server's samples summed over the servers, and the sum of what was counted. */
async function historyOf(db: Database, now: Date): Promise<AdminQueues["history"]> {
  const since = new Date(now.getTime() - buckets * bucketMs);
  const rows = await db.$queryRaw<BucketRow[]>`
    SELECT bucket, sum(waiting)::float8 AS waiting, sum(running)::float8 AS running,
      sum(answered)::float8 AS answered, sum(failed)::float8 AS failed
    FROM (
      SELECT floor(extract(epoch FROM at - ${since}::timestamptz) * 1000 / ${bucketMs}::float8)::int AS bucket, server_id,
        avg(waiting) AS waiting, avg(running) AS running, sum(answered) AS answered, sum(failed) AS failed
      FROM server_samples WHERE at >= ${since} GROUP BY 1, 2
    ) AS each_server GROUP BY bucket`;
  const byBucket = new Map(rows.map((row) => [row.bucket, row]));
  const points = (read: (row: BucketRow) => number) =>
    Array.from({ length: buckets }, (_, at) => {
      const row = byBucket.get(at);
      return row === undefined ? 0 : read(row);
    });
  return {
    waiting: points(({ waiting }) => waiting),
    running: points(({ running }) => running),
    answered: points(({ answered }) => answered),
    failed: points(({ failed }) => failed),
  };
}

async function latenciesOf(db: Database, since: Date): Promise<LatencyRow[]> {
  const first = firstIdAt(since);
  return await db.$queryRaw<LatencyRow[]>`
    WITH recent AS (
      SELECT m.display_name AS model, r.first_token_ms AS first, r.total_ms AS total, NULL::float8 AS wait,
        r.status = 'failed' AS failed
      FROM responses r JOIN turns t ON t.id = r.turn_id JOIN battles b ON b.id = t.battle_id
        JOIN models m ON m.id = CASE r.side WHEN 'a' THEN b.model_a_id ELSE b.model_b_id END
      WHERE r.id >= ${first}::uuid
      UNION ALL
      SELECT m.display_name, c.first_token_ms, c.total_ms, NULL, c.status = 'failed'
      FROM messages c JOIN models m ON m.id = c.model_id
      WHERE c.id >= ${first}::uuid AND c.role = 'assistant'
      UNION ALL
      SELECT coalesce(m.display_name, u.model), u.first_byte_ms, u.total_ms, u.queue_wait_ms, u.status >= 500
      FROM usage_records u LEFT JOIN models m ON m.name = u.model WHERE u.id >= ${first}::uuid
    )
    SELECT model, count(*)::int AS answers, (count(*) FILTER (WHERE failed))::int AS failed,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY first) AS first50,
      percentile_cont(0.95) WITHIN GROUP (ORDER BY first) AS first95,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY total) AS total50,
      percentile_cont(0.95) WITHIN GROUP (ORDER BY total) AS total95,
      percentile_cont(0.5) WITHIN GROUP (ORDER BY wait) AS wait50,
      percentile_cont(0.95) WITHIN GROUP (ORDER BY wait) AS wait95
    FROM recent GROUP BY model ORDER BY answers DESC, model LIMIT 200`;
}
