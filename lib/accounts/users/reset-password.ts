import { v7 as uuidv7 } from "uuid";
import { recordAudit } from "@/lib/audit";
import { type Database, databaseError } from "@/lib/db";
import { AppError } from "@/lib/errors";
import type { Auth } from "../auth/create-auth";
import { findLink, takeLink } from "../links/use-link";

/**
 * Sets the password that whoever has the link has chosen, and ends all sessions of the account. Errors: `link_invalid`,
 * `database_unavailable`.
 */
export async function resetPassword(
  { db, auth }: { db: Database; auth: Pick<Auth, "hashPassword"> },
  { token, password }: { token: string; password: string },
): Promise<void> {
  try {
    if ((await findLink(db, token)).kind !== "password_reset") throw new AppError("link_invalid");
    const hash = await auth.hashPassword(password);
    await db.$transaction(async (tx) => {
      const link = await takeLink(tx, token);
      const user = await tx.user.findUnique({ where: { id: link.userId ?? "" } });
      if (user === null) throw new AppError("link_invalid");
      const key = { providerId: "credential", accountId: user.id };
      await tx.authAccount.upsert({
        where: { providerId_accountId: key },
        create: { ...key, id: uuidv7(), userId: user.id, password: hash },
        update: { password: hash },
      });
      const { count } = await tx.authSession.deleteMany({ where: { userId: user.id } });
      await recordAudit(tx, {
        actor: { kind: "user", id: user.id, label: user.email },
        ...{ action: "user.reset_password", targetKind: "user", targetId: user.id },
        details: { link: link.prefix, createdBy: link.createdBy, sessionsEnded: count },
      });
    });
  } catch (error) {
    throw databaseError(error);
  }
}
