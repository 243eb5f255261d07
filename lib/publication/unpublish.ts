import { type AuditActor, recordAudit } from "@/lib/audit";
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
 * Takes anybody's page down, with a line in the audit log; its visitor cannot publish the same again. `reason` is for people.
 * Errors: `share_not_found`, also where it is down already.
 */
export async function unpublishAsOperator(
  { db }: Pick<PublicationDeps, "db">,
  actor: AuditActor,
  token: string,
  reason: string,
): Promise<void> {
  requireToken(token);
  await db.$transaction(async (tx) => {
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

/** What is no token names nothing, and some of it no database would take. */
function requireToken(token: string): void {
  if (!shareTokenSchema.safeParse(token).success) throw new AppError("share_not_found");
}
