import { type AuditActor, recordAudit } from "@/lib/audit";
import type { Database } from "@/lib/db";
import type { ApiKeyView } from "./key-record";
import type { CreateKeyInput } from "./key-settings";
import { storeKey } from "./store-key";

/**
 * Makes a key. `secret` is the key itself: it exists nowhere else and cannot be shown again. With an
 * `actor` it leaves a line in the audit log. Errors: `invalid_request`.
 */
export async function createKey(
  db: Database,
  input: CreateKeyInput,
  actor?: AuditActor,
): Promise<{ key: ApiKeyView; secret: string }> {
  return await db.$transaction(async (tx) => {
    const made = await storeKey(tx, input);
    if (actor !== undefined) {
      const { prefix, name, ownerLabel: owner } = made.key;
      await recordAudit(tx, {
        ...{ actor, action: "key.create", targetKind: "key", targetId: prefix },
        details: { name, owner },
      });
    }
    return made;
  });
}
