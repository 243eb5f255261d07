import { AppError } from "@/lib/errors";
import type { ApiCaller } from "../accounting-types";
import { isTokenOf, prefixOf } from "../secret-token";
import type { KeyCache } from "./key-cache";
import type { KeyRecord } from "./key-record";

/**
 * Whose key this is; null where it has not the shape of a key that is kept in the database. At once for a key in use,
 * which costs no turn of the event loop. Errors: `invalid_api_key`, `database_unavailable`.
 */
export type VerifyKey = (presented: string) => ApiCaller | Promise<ApiCaller> | null;

/** `now`: milliseconds since the epoch. */
export function createVerifyKey(cache: Pick<KeyCache, "find">, now: () => number = Date.now): VerifyKey {
  return (presented) => {
    const prefix = prefixOf("sk-arena-", presented);
    if (prefix === null) return null;
    const found = cache.find(prefix);
    return found instanceof Promise
      ? found.then((record) => callerOf(record, presented, now()))
      : callerOf(found, presented, now());
  };
}

/** Why a key does not do is told only to whoever has all of it. */
function callerOf(record: KeyRecord | null, presented: string, now: number): ApiCaller {
  if (record === null || !isTokenOf(record.hash, presented)) {
    throw new AppError("invalid_api_key", { message: "Incorrect API key provided." });
  }
  if (record.isRevoked) throw new AppError("invalid_api_key", { message: "This API key was revoked." });
  if (record.expiresAt !== null && record.expiresAt <= now) {
    throw new AppError("invalid_api_key", { message: "This API key has expired." });
  }
  return record.caller;
}
