import { type Database, databaseError } from "@/lib/db";
import type { UsageRecord } from "./usage-record";

/**
 * Writes records and adds them to the sums of their days in one statement: both or neither. Records that are there
 * already change nothing, so a batch whose fate is not known can be sent again. Errors: `database_unavailable`.
 */
export async function insertUsage(db: Database, records: readonly UsageRecord[]): Promise<void> {
  try {
    await db.$executeRaw`
      WITH inserted AS (
        INSERT INTO usage_records (
          id, at, caller, model, endpoint, status, outcome, prompt_tokens, cached_tokens, completion_tokens,
          queue_wait_ms, first_byte_ms, total_ms, worker_id, request_id
        )
        SELECT * FROM unnest(
          ${column(records, "id")}::text::uuid[], ${column(records, "at")}::text::timestamptz[],
          ${column(records, "caller")}::text::text[], ${column(records, "model")}::text::text[],
          ${column(records, "endpoint")}::text::text[], ${column(records, "status")}::text::int[],
          ${column(records, "outcome")}::text::text[], ${column(records, "promptTokens")}::text::int[],
          ${column(records, "cachedTokens")}::text::int[], ${column(records, "completionTokens")}::text::int[],
          ${column(records, "queueWaitMs")}::text::float8[], ${column(records, "firstByteMs")}::text::float8[],
          ${column(records, "totalMs")}::text::float8[], ${column(records, "workerId")}::text::uuid[],
          ${column(records, "requestId")}::text::text[]
        )
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

/**
 * One field of all records as the text of a PostgreSQL array: thousands of records a second are not worth naming their fields
 * in each, and reading them as JSON.
 */
function column(records: readonly UsageRecord[], field: keyof UsageRecord): string {
  return `{${records.map((record) => element(record[field])).join(",")}}`;
}

const plainText = /^[\w.:-]+$/;

/** Source: PostgreSQL manual, 8.15.6 "Array Input and Output Syntax". The word NULL alone is the missing value. */
function element(value: string | number | null): string {
  if (value === null) return "NULL";
  if (typeof value === "number") return String(value);
  if (plainText.test(value) && value.toUpperCase() !== "NULL") return value;
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
