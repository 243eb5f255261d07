import { type AuditActor, recordAudit } from "@/lib/audit";
import type { Database } from "@/lib/db";
import { findKey } from "./find-key";
import { type ApiKeyView, toView } from "./key-record";
import { notifyKeyChange } from "./notify-key-change";

/**
 * For good. Requests that run are not broken off. A second time changes nothing. With an `actor` it leaves a line in the audit log. Errors: `not_found`.
 */
export async function revokeKey(db: Database, reference: string, actor?: AuditActor): Promise<ApiKeyView> {
  return await db.$transaction(async (tx) => {
    const { id, prefix, revokedAt } = await findKey(tx, reference);
    const row = await tx.apiKey.update({ where: { id }, data: { revokedAt: revokedAt ?? new Date() } });
    await notifyKeyChange(tx, prefix);
    if (actor !== undefined) {
      await recordAudit(tx, { actor, action: "key.revoke", targetKind: "key", targetId: prefix });
    }
    return toView(row);
  });
}
