import type { Database } from "@/lib/db";
import { findJoinToken, type JoinTokenView, toView } from "./join-token-record";

/**
 * For good: nobody registers with it any more. Workers that have registered stay, unless they are dropped: then they get
 * no new request, finish their answers, and cannot come back. Errors: `not_found`.
 */
export async function revokeJoinToken(
  db: Database,
  reference: string,
  { dropWorkers = false }: { dropWorkers?: boolean } = {},
): Promise<{ token: JoinTokenView; droppedWorkers: number }> {
  return await db.$transaction(async (tx) => {
    const { id, revokedAt } = await findJoinToken(tx, reference);
    const now = new Date();
    const row = await tx.joinToken.update({ where: { id }, data: { revokedAt: revokedAt ?? now } });
    if (!dropWorkers) return { token: toView(row), droppedWorkers: 0 };
    // The servers hear of it as of every worker that leaves; its own next heartbeat is told to register again.
    const { count } = await tx.worker.updateMany({
      where: { joinTokenId: id, leftAt: null },
      data: { leftAt: now },
    });
    return { token: toView(row), droppedWorkers: count };
  });
}
