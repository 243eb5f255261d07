import { type Database, databaseError } from "@/lib/db";
import type { UsageRecord } from "./usage-record";

/**
 * Writes records and adds them to the sums of their days in one statement: both or neither. Records that are there
 * already change nothing, so a batch whose fate is not known can be sent again. Errors: `database_unavailable`.
 */
export async function insertUsage(db: Database, records: readonly UsageRecord[]): Promise<void> {
  const { kinds, rows } = columnsOf(records);
  try {
    await db.$executeRaw`
      WITH kinds AS (
        SELECT * FROM unnest(
          ${kinds.caller}::text::text[], ${kinds.model}::text::text[], ${kinds.endpoint}::text::text[],
          ${kinds.status}::text::int[], ${kinds.outcome}::text::text[], ${kinds.workerId}::text::uuid[]
        ) WITH ORDINALITY AS k(caller, model, endpoint, status, outcome, worker, kind)
      ), inserted AS (
        INSERT INTO usage_records (
          id, at, caller, model, endpoint, status, outcome, prompt_tokens, cached_tokens, completion_tokens,
          queue_wait_ms, first_byte_ms, total_ms, worker_id, request_id
        )
        SELECT r.id, r.at, k.caller, k.model, k.endpoint, k.status, k.outcome, r.prompt, r.cached, r.completion,
               r.queue_wait, r.first_byte, r.total, k.worker, r.request
        FROM unnest(
          ${rows.kind}::text::int[], ${rows.id}::text::uuid[], ${rows.at}::text::timestamptz[],
          ${rows.promptTokens}::text::int[], ${rows.cachedTokens}::text::int[], ${rows.completionTokens}::text::int[],
          ${rows.queueWaitMs}::text::float8[], ${rows.firstByteMs}::text::float8[], ${rows.totalMs}::text::float8[],
          ${rows.requestId}::text::text[]
        ) AS r(kind, id, at, prompt, cached, completion, queue_wait, first_byte, total, request)
        JOIN kinds k USING (kind)
        ON CONFLICT (id) DO NOTHING
        RETURNING *
      )
      INSERT INTO usage_days (
        caller, day, model, endpoint, requests, errors, prompt_tokens, cached_tokens, completion_tokens
      )
      SELECT caller, (at AT TIME ZONE 'UTC')::date, model, endpoint, count(*),
             count(*) FILTER (WHERE status >= 400), coalesce(sum(prompt_tokens), 0),
             coalesce(sum(cached_tokens), 0), coalesce(sum(completion_tokens), 0)
      FROM inserted
      GROUP BY 1, 2, 3, 4
      ORDER BY 1, 2, 3, 4
      ON CONFLICT (caller, day, model, endpoint) DO UPDATE
      SET requests = usage_days.requests + excluded.requests,
          errors = usage_days.errors + excluded.errors,
          prompt_tokens = usage_days.prompt_tokens + excluded.prompt_tokens,
          cached_tokens = usage_days.cached_tokens + excluded.cached_tokens,
          completion_tokens = usage_days.completion_tokens + excluded.completion_tokens`;
    await markUsed(db, records);
  } catch (error) {
    throw databaseError(error);
  }
}

const kindFields = ["caller", "model", "endpoint", "status", "outcome", "workerId"] as const;
const rowFields = [
  ...(["id", "at", "promptTokens", "cachedTokens", "completionTokens"] as const),
  ...(["queueWaitMs", "firstByteMs", "totalMs", "requestId"] as const),
];
type KindField = (typeof kindFields)[number];
type RowField = (typeof rowFields)[number];

/**
 * The records as texts of PostgreSQL arrays, a field each: thousands of records a second are not worth naming their fields in each. What
 * most of them share goes once, as a kind; `rows.kind` counts the kinds from 1.
 */
function columnsOf(records: readonly UsageRecord[]): {
  kinds: Record<KindField, string>;
  rows: Record<RowField | "kind", string>;
} {
  const numbers = new Map<string, number>();
  const samples: UsageRecord[] = [];
  const kind = records.map((record) => {
    const { caller, model, endpoint, status, outcome, workerId } = record;
    // No text of a record holds NUL (see `toUsageRecord`).
    const key = `${caller}\0${model}\0${endpoint}\0${status}\0${outcome}\0${workerId}`;
    let number = numbers.get(key);
    if (number === undefined) {
      number = samples.push(record);
      numbers.set(key, number);
    }
    return number;
  });
  return {
    kinds: arraysOf(samples, kindFields),
    rows: { ...arraysOf(records, rowFields), kind: `{${kind.join(",")}}` },
  };
}

function arraysOf<Field extends keyof UsageRecord>(
  records: readonly UsageRecord[],
  fields: readonly Field[],
): Record<Field, string> {
  return Object.fromEntries(
    fields.map((field) => [field, `{${records.map((record) => element(record[field])).join(",")}}`]),
  ) as Record<Field, string>;
}

const plainText = /^[\w.:-]+$/;

/** Source: PostgreSQL manual, 8.15.6 "Array Input and Output Syntax". The word NULL alone is the missing value. */
function element(value: string | number | null): string {
  if (value === null) return "NULL";
  if (typeof value === "number") return String(value);
  if (plainText.test(value) && !(value.length === 4 && value.toUpperCase() === "NULL")) return value;
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** To within 10 s, which spares most writes; a row that another server is writing has a time as good as ours. */
async function markUsed(db: Database, records: readonly UsageRecord[]): Promise<void> {
  const latest = new Map<string, string>();
  for (const { keyId, at } of records) {
    if (keyId !== null && at > (latest.get(keyId) ?? "")) latest.set(keyId, at);
  }
  if (latest.size === 0) return;
  const uses = [...latest].map(([id, at]) => ({ id, at }));
  await db.$executeRaw`
    WITH uses AS (
      SELECT * FROM json_to_recordset(${JSON.stringify(uses)}::json) AS u(id uuid, at timestamptz)
    ), due AS (
      SELECT api_keys.id, uses.at FROM api_keys JOIN uses ON uses.id = api_keys.id
      WHERE last_used_at IS NULL OR last_used_at < uses.at - interval '10 seconds'
      FOR UPDATE OF api_keys SKIP LOCKED
    )
    UPDATE api_keys SET last_used_at = due.at FROM due WHERE api_keys.id = due.id`;
}
