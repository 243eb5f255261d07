import { v7 as uuidv7 } from "uuid";
import type { AccountedRequest, ApiCaller, RequestResult } from "../accounting-types";

/** One request that is over, as it is written. The names are those of the JSON that the database reads. */
export type UsageRecord = {
  /** Made here, so that a batch that is sent twice is written once. */
  id: string;
  at: string;
  /** Id of the key, or `environment`, or `loopback`. */
  caller: string;
  keyId: string | null;
  model: string;
  endpoint: string;
  status: number;
  outcome: string;
  promptTokens: number | null;
  cachedTokens: number | null;
  completionTokens: number | null;
  queueWaitMs: number | null;
  firstByteMs: number | null;
  totalMs: number | null;
  workerId: string | null;
  requestId: string;
};

/** Stands in the sums for every name that was asked for in vain: their number would otherwise have no bound. */
export const unknownModel = "(unknown)";

/** What usage is recorded under for a caller: the id of its key, or how it came in. */
export function callerName(caller: ApiCaller | null): string {
  if (caller === null) return "loopback";
  return caller.keyId ?? "environment";
}

export function toUsageRecord(
  caller: ApiCaller | null,
  request: AccountedRequest,
  result: RequestResult,
  at: Date,
): UsageRecord {
  return {
    id: nextId(),
    at: at.toISOString(),
    caller: callerName(caller),
    keyId: caller?.keyId ?? null,
    model: result.outcome === "model_not_found" ? unknownModel : storable(request.model, 128),
    endpoint: request.endpoint,
    status: result.status,
    outcome: storable(result.outcome, 64),
    promptTokens: tokenCount(result.promptTokens),
    cachedTokens: tokenCount(result.cachedTokens),
    completionTokens: tokenCount(result.completionTokens),
    queueWaitMs: hundredths(result.queueWaitMs),
    firstByteMs: hundredths(result.firstByteMs),
    totalMs: hundredths(result.totalMs),
    workerId: result.workerId ?? null,
    requestId: storable(request.requestId, 128),
  };
}

let idBase = "";
let idCount = 256;

/**
 * A UUIDv7 that shares all but its last byte with up to 255 others of this process: making each anew would cost more than
 * the rest of the record. 66 random bits are left, and `at` has the exact time.
 */
function nextId(): string {
  if (idCount === 256) {
    idBase = uuidv7().slice(0, -2);
    idCount = 0;
  }
  return idBase + (idCount++).toString(16).padStart(2, "0");
}

/** PostgreSQL keeps neither NUL nor half a surrogate pair, and one such name would hold up its whole batch. */
function storable(text: string, maxLength: number): string {
  return text.replaceAll("\0", "").slice(0, maxLength).toWellFormed();
}

/** No clock here is finer, and the further digits would be most of what is written. */
function hundredths(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.round(ms * 100) / 100;
}

/** A worker's word: anything but a count that fits the column counts as not told. */
function tokenCount(value: number | undefined): number | null {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= 2_147_483_647
    ? value
    : null;
}
