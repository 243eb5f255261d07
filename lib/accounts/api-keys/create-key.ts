import type { Database } from "@/lib/db";
import type { ApiKeyView } from "./key-record";
import type { CreateKeyInput } from "./key-settings";
import { storeKey } from "./store-key";

/**
 * Makes a key. `secret` is the key itself: it exists nowhere else and cannot be shown again. Errors: `invalid_request`.
 */
export async function createKey(
  db: Database,
  input: CreateKeyInput,
): Promise<{ key: ApiKeyView; secret: string }> {
  return await db.$transaction((tx) => storeKey(tx, input));
}
