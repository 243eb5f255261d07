import { type AuditActor, recordAudit } from "@/lib/audit";
import type { Database, Prisma } from "@/lib/db";
import { parseInput } from "@/lib/protocol";
import { findKey } from "./find-key";
import { type ApiKeyView, toView } from "./key-record";
import { type ChangeKeyInput, changeKeySchema } from "./key-settings";
import { notifyKeyChange } from "./notify-key-change";

/** Changes what is given and leaves the rest; with an `actor`, with a line in the audit log. Errors: `invalid_request`, `not_found`. */
export async function changeKey(
  db: Database,
  reference: string,
  input: ChangeKeyInput,
  actor?: AuditActor,
): Promise<ApiKeyView> {
  const data = parseInput(changeKeySchema, input);
  return await db.$transaction(async (tx) => {
    const { id, prefix } = await findKey(tx, reference);
    const row = await tx.apiKey.update({ where: { id }, data });
    await notifyKeyChange(tx, prefix);
    if (actor !== undefined) {
      const changed = JSON.parse(JSON.stringify(data)) as Prisma.InputJsonObject;
      await recordAudit(tx, {
        ...{ actor, action: "key.change", targetKind: "key", targetId: prefix },
        details: { changed },
      });
    }
    return toView(row);
  });
}
