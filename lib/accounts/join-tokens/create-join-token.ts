import { v7 as uuidv7 } from "uuid";
import { type AuditActor, recordAudit } from "@/lib/audit";
import type { Database } from "@/lib/db";
import { parseInput } from "@/lib/protocol";
import { makeToken } from "../secret-token";
import {
  type CreateJoinTokenInput,
  createJoinTokenSchema,
  type JoinTokenView,
  toView,
} from "./join-token-record";

/**
 * Makes a token beside those that are valid already. `secret` cannot be shown again. With an `actor` it leaves a line in the
 * audit log. Errors: `invalid_request`.
 */
export async function createJoinToken(
  db: Database,
  input: CreateJoinTokenInput,
  actor?: AuditActor,
): Promise<{ token: JoinTokenView; secret: string }> {
  const settings = parseInput(createJoinTokenSchema, input);
  const { text, prefix, hash } = makeToken("jt-arena-");
  const row = await db.$transaction(async (tx) => {
    const created = await tx.joinToken.create({
      data: { ...settings, id: uuidv7(), prefix, hash: new Uint8Array(hash) },
    });
    if (actor !== undefined) {
      await recordAudit(tx, {
        ...{ actor, action: "join_token.create", targetKind: "join_token", targetId: prefix },
        details: { name: created.name },
      });
    }
    return created;
  });
  return { token: toView(row), secret: text };
}
