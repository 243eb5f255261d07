import { v7 as uuidv7 } from "uuid";
import { type AuditActor, recordAudit } from "@/lib/audit";
import type { Database } from "@/lib/db";
import { parseInput } from "@/lib/protocol";
import { makeToken } from "../secret-token";
import { type ApiKeyView, toView } from "./key-record";
import { type CreateKeyInput, createKeySchema } from "./key-settings";
import { notifyKeyChange } from "./notify-key-change";

/**
 * Makes a key. `secret` is the key itself: it exists nowhere else and cannot be shown again. With an
 * `actor` it leaves a line in the audit log. Errors: `invalid_request`.
 */
export async function createKey(
  db: Database,
  input: CreateKeyInput,
  actor?: AuditActor,
): Promise<{ key: ApiKeyView; secret: string }> {
  const settings = parseInput(createKeySchema, input);
  const token = makeToken("sk-arena-");
  const row = await db.$transaction(async (tx) => {
    const created = await tx.apiKey.create({
      data: { ...settings, id: uuidv7(), prefix: token.prefix, hash: new Uint8Array(token.hash) },
    });
    await notifyKeyChange(tx, token.prefix);
    if (actor !== undefined) {
      const { name, ownerLabel: owner } = created;
      await recordAudit(tx, {
        ...{ actor, action: "key.create", targetKind: "key", targetId: token.prefix },
        details: { name, owner },
      });
    }
    return created;
  });
  return { key: toView(row), secret: token.text };
}
