import { v7 as uuidv7 } from "uuid";
import { type AuditActor, recordAudit } from "@/lib/audit";
import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { makeToken } from "../secret-token";
import { findKey } from "./find-key";
import { type ApiKeyView, toView } from "./key-record";
import { notifyKeyChange } from "./notify-key-change";

/**
 * Makes another key with the same owner, scopes and budgets, and lets the old one end after `overlapMs`: so that whoever
 * uses it can change over without an outage. `secret` is shown this once. Errors: `not_found`; `invalid_request` for a key
 * that is revoked or has expired.
 */
export async function rotateKey(
  db: Database,
  reference: string,
  { overlapMs, actor }: { overlapMs: number; actor: AuditActor },
): Promise<{ key: ApiKeyView; secret: string }> {
  const token = makeToken("sk-arena-");
  const row = await db.$transaction(async (tx) => {
    const old = await findKey(tx, reference);
    if (old.revokedAt !== null) throw new AppError("invalid_request", { message: "This key is revoked." });
    if (old.expiresAt !== null && old.expiresAt <= new Date())
      throw new AppError("invalid_request", { message: "This key has expired." });
    const { createdAt: _created, lastUsedAt: _used, ...settings } = old;
    const created = await tx.apiKey.create({
      data: { ...settings, id: uuidv7(), prefix: token.prefix, hash: new Uint8Array(token.hash) },
    });
    const end = new Date(Date.now() + overlapMs);
    const expiresAt = old.expiresAt !== null && old.expiresAt < end ? old.expiresAt : end;
    await tx.apiKey.update({ where: { id: old.id }, data: { expiresAt } });
    await notifyKeyChange(tx, token.prefix);
    await notifyKeyChange(tx, old.prefix);
    await recordAudit(tx, {
      ...{ actor, action: "key.rotate", targetKind: "key", targetId: old.prefix },
      details: { successor: token.prefix, expiresAt: expiresAt.toISOString() },
    });
    return created;
  });
  return { key: toView(row), secret: token.text };
}
