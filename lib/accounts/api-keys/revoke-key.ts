import type { Database } from "@/lib/db";
import { findKey } from "./find-key";
import { type ApiKeyView, toView } from "./key-record";
import { notifyKeyChange } from "./notify-key-change";

/** For good. Requests that run are not broken off. A second time changes nothing. Errors: `not_found`. */
export async function revokeKey(db: Database, reference: string): Promise<ApiKeyView> {
  return await db.$transaction(async (tx) => {
    const { id, prefix, revokedAt } = await findKey(tx, reference);
    const row = await tx.apiKey.update({ where: { id }, data: { revokedAt: revokedAt ?? new Date() } });
    await notifyKeyChange(tx, prefix);
    return toView(row);
  });
}
