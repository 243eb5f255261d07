import { type AuditActor, recordAudit } from "@/lib/audit";
import { type Database, databaseError } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { findUser } from "../users/find-user";

/** Which sessions of an account: one, all but one, or all of them. */
export type WhichSessions = { id: string } | { except: string } | "all";

/**
 * From the next request on. Returns how many were open. Errors: `not_found` for an account or one session that there is
 * not, `database_unavailable`.
 */
export async function revokeSessions(
  db: Database,
  actor: AuditActor,
  reference: string,
  which: WhichSessions,
): Promise<number> {
  try {
    return await db.$transaction(async (tx) => {
      const user = await findUser(tx, reference);
      const id = which === "all" ? undefined : "id" in which ? which.id : { not: which.except };
      const { count } = await tx.authSession.deleteMany({ where: { userId: user.id, id } });
      if (count === 0 && typeof id === "string") throw new AppError("not_found");
      if (count > 0) {
        await recordAudit(tx, {
          ...{ actor, action: "session.revoke", targetKind: "user", targetId: user.id },
          details: { email: user.email, sessionsEnded: count },
        });
      }
      return count;
    });
  } catch (error) {
    throw databaseError(error);
  }
}
