import { type AuditActor, recordAudit } from "@/lib/audit";
import { type Database, databaseError } from "@/lib/db";
import { revokeKeysOf } from "../api-keys/own-keys";
import { keepAnAdmin } from "../links/create-link";
import { findUser, type UserRow } from "./find-user";

/**
 * Nobody signs in to the account any more; its sessions end and its keys are revoked, for good. Twice is no error. Errors:
 * `not_found`, `last_admin`, `database_unavailable`.
 */
export async function disableUser(db: Database, actor: AuditActor, reference: string): Promise<UserRow> {
  try {
    return await db.$transaction(async (tx) => {
      const { id, email, disabledAt } = await findUser(tx, reference);
      await keepAnAdmin(tx, id);
      const user = await tx.user.update({ where: { id }, data: { disabledAt: disabledAt ?? new Date() } });
      const { count } = await tx.authSession.deleteMany({ where: { userId: id } });
      const keysRevoked = await revokeKeysOf(tx, id);
      await recordAudit(tx, {
        ...{ actor, action: "user.disable", targetKind: "user", targetId: id },
        details: { email, sessionsEnded: count, keysRevoked },
      });
      return user;
    });
  } catch (error) {
    throw databaseError(error);
  }
}

/** The account may be signed in to again. Errors: `not_found`, `database_unavailable`. */
export async function enableUser(db: Database, actor: AuditActor, reference: string): Promise<UserRow> {
  try {
    return await db.$transaction(async (tx) => {
      const { id, email } = await findUser(tx, reference);
      const user = await tx.user.update({ where: { id }, data: { disabledAt: null } });
      await recordAudit(tx, {
        ...{ actor, action: "user.enable", targetKind: "user", targetId: id },
        details: { email },
      });
      return user;
    });
  } catch (error) {
    throw databaseError(error);
  }
}
