import { type AuditActor, recordAudit } from "@/lib/audit";
import type { Database } from "@/lib/db";
import { findJoinToken, type JoinTokenView, toView } from "./join-token-record";

/**
 * For good: nobody registers with it any more. Workers that have registered stay, unless they are dropped: then they get
 * no new request, finish their answers, and cannot come back. Errors: `not_found`.
 */
export async function revokeJoinToken(
  db: Database,
  reference: string,
  { dropWorkers = false, actor }: { dropWorkers?: boolean; actor?: AuditActor } = {},
): Promise<{ token: JoinTokenView; droppedWorkers: number }> {
  return await db.$transaction(async (tx) => {
    const { id, prefix, revokedAt } = await findJoinToken(tx, reference);
    const now = new Date();
    const row = await tx.joinToken.update({ where: { id }, data: { revokedAt: revokedAt ?? now } });
    if (actor !== undefined) {
      await recordAudit(tx, {
        ...{ actor, action: "join_token.revoke", targetKind: "join_token", targetId: prefix },
        details: { dropWorkers },
      });
    }
    if (!dropWorkers) return { token: toView(row), droppedWorkers: 0 };
    // The servers hear of it as of every worker that leaves; its own next heartbeat is told to register again.
    const { count } = await tx.worker.updateMany({
      where: { joinTokenId: id, leftAt: null },
      data: { leftAt: now },
    });
    return { token: toView(row), droppedWorkers: count };
  });
}
