import { z } from "zod";
import { type AuditActor, recordAudit } from "@/lib/audit";
import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { transact } from "../transact";

/** Lets a visitor whom a moderator has stopped send again. Errors: `not_found`, `database_unavailable`. */
export async function enableVisitor(db: Database, actor: AuditActor, visitorId: string): Promise<void> {
  const refusal = () => new AppError("not_found", { message: "There is no such visitor that is stopped." });
  if (!z.uuid().safeParse(visitorId).success) throw refusal();
  await transact(db, async (tx) => {
    const { count } = await tx.visitor.updateMany({
      where: { id: visitorId, disabledAt: { not: null } },
      data: { disabledAt: null },
    });
    if (count === 0) throw refusal();
    await recordAudit(tx, {
      ...{ actor, action: "moderation.enable_visitor", targetKind: "visitor", targetId: visitorId },
    });
  });
}
