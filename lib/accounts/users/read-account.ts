import { type AuditActor, recordAudit } from "@/lib/audit";
import { type Database, databaseError } from "@/lib/db";
import { AppError } from "@/lib/errors";
import type { Account } from "@/lib/protocol";
import type { SessionUser } from "../sessions/session-types";

/** The account as its owner sees it. Errors: `sign_in_required` where it is gone, `database_unavailable`. */
export async function readAccount(db: Database, userId: string): Promise<Account> {
  try {
    const row = await db.user.findUnique({
      where: { id: userId },
      include: { logins: { select: { providerId: true, password: true } } },
    });
    if (row === null) throw new AppError("sign_in_required");
    const { id, email, name, role, createdAt, logins } = row;
    return {
      ...{ id, email, name, role, createdAt: createdAt.toISOString() },
      hasPassword: logins.some(({ password }) => password !== null),
      providers: logins.map(({ providerId }) => providerId).filter((provider) => provider !== "credential"),
    };
  } catch (error) {
    throw databaseError(error);
  }
}

/** Errors: `database_unavailable`. */
export async function renameUser(db: Database, userId: string, name: string): Promise<void> {
  try {
    await db.user.updateMany({ where: { id: userId }, data: { name } });
  } catch (error) {
    throw databaseError(error);
  }
}

/**
 * Takes a provider from the account. Errors: `not_found`, `last_login` where nothing else would open it,
 * `database_unavailable`.
 */
export async function unlinkProvider(db: Database, user: SessionUser, provider: string): Promise<void> {
  const actor: AuditActor = { kind: "user", id: user.id, label: user.email };
  try {
    await db.$transaction(async (tx) => {
      // Two at once must not both leave the other as the last.
      await tx.$executeRaw`SELECT 1 FROM users WHERE id = ${user.id}::uuid FOR NO KEY UPDATE`;
      const logins = await tx.authAccount.findMany({ where: { userId: user.id } });
      const own = logins.filter(({ providerId }) => providerId === provider && providerId !== "credential");
      if (own.length === 0) throw new AppError("not_found");
      if (own.length === logins.length) throw new AppError("last_login");
      await tx.authAccount.deleteMany({ where: { id: { in: own.map(({ id }) => id) } } });
      const target = { targetKind: "user", targetId: user.id } as const;
      await recordAudit(tx, { actor, action: "user.unlink", ...target, details: { provider } });
    });
  } catch (error) {
    throw databaseError(error);
  }
}
