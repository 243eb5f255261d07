import { type AuditActor, recordAudit } from "@/lib/audit";
import type { Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { shareTokenSchema, type Unpublished } from "@/lib/protocol";
import type { PublicationDeps } from "./deps";

/**
 * Takes a visitor's page back, at once and for good: what it showed is removed, and the address never shows anything again.
 * Publishing the same battle or chat anew makes another address. Doing it twice is no error. Errors: `share_not_found`.
 */
export async function unpublish(
  { db }: Pick<PublicationDeps, "db">,
  visitorId: string,
  token: string,
): Promise<Unpublished> {
  requireToken(token);
  const found = await db.share.findFirst({ where: { token, visitorId }, select: { id: true } });
  if (found === null) throw new AppError("share_not_found");
  await db.$executeRaw`
    UPDATE shares SET content = NULL, revoked_at = now(), revoked_by = 'visitor'
    WHERE id = ${found.id}::uuid AND revoked_at IS NULL`;
  return { token };
}

/**
 * Takes anybody's page down, with a line in the audit log; its visitor cannot publish the same again. The text of a battle is then
 * published nowhere, in no release either. `reason` is for people. Errors: `share_not_found`, also where it is down already.
 */
export async function unpublishAsOperator(
  { db }: Pick<PublicationDeps, "db">,
  actor: AuditActor,
  token: string,
  reason: string,
): Promise<void> {
  requireToken(token);
  await db.$transaction(async (tx) => {
    const share = await tx.share.findUnique({ where: { token }, select: { battleId: true } });
    // The battle first, as all do who lock both.
    if (share !== null && share.battleId !== null) await barBattle(tx, share.battleId);
    const count = await tx.$executeRaw`
      UPDATE shares SET content = NULL, revoked_at = now(), revoked_by = 'operator'
      WHERE token = ${token} AND revoked_at IS NULL`;
    if (count === 0) throw new AppError("share_not_found");
    await recordAudit(tx, {
      ...{ actor, action: "share.unpublish", targetKind: "share", targetId: token },
      details: { reason },
    });
  });
}

/**
 * Takes a battle whose text is published with the vote data out of publication for good, with its shared page and a line in the
 * audit log. `reason` is for people. Errors: `battle_not_found`, also where it is out already.
 */
export async function unpublishBattleAsOperator(
  { db }: Pick<PublicationDeps, "db">,
  actor: AuditActor,
  battleId: string,
  reason: string,
): Promise<void> {
  await db.$transaction(async (tx) => {
    if (!(await barBattle(tx, battleId))) throw new AppError("battle_not_found");
    await tx.$executeRaw`
      UPDATE shares SET content = NULL, revoked_at = now(), revoked_by = 'operator'
      WHERE battle_id = ${battleId}::uuid AND revoked_at IS NULL`;
    await recordAudit(tx, {
      ...{ actor, action: "battle.unpublish", targetKind: "battle", targetId: battleId },
      details: { reason },
    });
  });
}

/**
 * Takes the pages down on which an answer stands that a moderator hides. Unlike those that an operator takes down they can be
 * published again: a battle once the answer is shown again, a chat without it. In the transaction that hides it.
 */
export async function unpublishHidden(
  tx: Pick<Prisma.TransactionClient, "$executeRaw">,
  subject: { battleId: string } | { conversationId: string },
): Promise<void> {
  // Locked as whoever publishes locks it, so that no page is made of what was read before.
  if ("battleId" in subject) {
    await tx.$executeRaw`SELECT 1 FROM battles WHERE id = ${subject.battleId}::uuid FOR NO KEY UPDATE`;
    await tx.$executeRaw`
      UPDATE shares SET content = NULL, revoked_at = now(), revoked_by = 'hidden'
      WHERE battle_id = ${subject.battleId}::uuid AND revoked_at IS NULL`;
  } else {
    await tx.$executeRaw`SELECT 1 FROM conversations WHERE id = ${subject.conversationId}::uuid FOR NO KEY UPDATE`;
    await tx.$executeRaw`
      UPDATE shares SET content = NULL, revoked_at = now(), revoked_by = 'hidden'
      WHERE conversation_id = ${subject.conversationId}::uuid AND revoked_at IS NULL`;
  }
}

/** False where it is barred already, or its text gone. */
async function barBattle(
  tx: Pick<Prisma.TransactionClient, "$executeRaw">,
  battleId: string,
): Promise<boolean> {
  const count = await tx.$executeRaw`
    UPDATE battles SET text_barred_at = now(), text_admitted_at = NULL
    WHERE id = ${battleId}::uuid AND text_barred_at IS NULL AND text_deleted_at IS NULL`;
  return count === 1;
}

/** What is no token names nothing, and some of it no database would take. */
function requireToken(token: string): void {
  if (!shareTokenSchema.safeParse(token).success) throw new AppError("share_not_found");
}
