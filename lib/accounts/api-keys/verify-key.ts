import { AppError } from "@/lib/errors";
import type { ApiCaller } from "../accounting-types";
import { isTokenOf, prefixOf } from "../secret-token";
import type { KeyCache } from "./key-cache";
import type { KeyRecord } from "./key-record";

/**
 * Whose key this is; null where it has not the shape of a key that is kept in the database. At once for a key in use,
 * which costs no turn of the event loop. Errors: `invalid_api_key`, `database_unavailable`.
 *
 * @param connection over which it was presented: the same key over the same connection is not hashed again
 */
export type VerifyKey = (presented: string, connection: object) => ApiCaller | Promise<ApiCaller> | null;

/** What a connection has presented last, and the hash that it has. It is compared with nothing but what comes over the same one. */
type Proven = { text: string; hash: Uint8Array };

/** `now`: milliseconds since the epoch. */
export function createVerifyKey(cache: Pick<KeyCache, "find">, now: () => number = Date.now): VerifyKey {
  const proven = new WeakMap<object, Proven>();

  const isProven = (hash: Uint8Array, text: string, connection: object): boolean => {
    const known = proven.get(connection);
    if (known !== undefined && known.hash === hash && known.text === text) return true;
    if (!isTokenOf(hash, text)) return false;
    proven.set(connection, { text, hash });
    return true;
  };

  /** Why a key does not do is told only to whoever has all of it. */
  const callerOf = (record: KeyRecord | null, presented: string, connection: object): ApiCaller => {
    if (record === null || !isProven(record.hash, presented, connection)) {
      throw new AppError("invalid_api_key", { message: "Incorrect API key provided." });
    }
    if (record.isRevoked) throw new AppError("invalid_api_key", { message: "This API key was revoked." });
    if (record.expiresAt !== null && record.expiresAt <= now()) {
      throw new AppError("invalid_api_key", { message: "This API key has expired." });
    }
    return record.caller;
  };

  return (presented, connection) => {
    const prefix = prefixOf("sk-arena-", presented);
    if (prefix === null) return null;
    const found = cache.find(prefix);
    return found instanceof Promise
      ? found.then((record) => callerOf(record, presented, connection))
      : callerOf(found, presented, connection);
  };
}
