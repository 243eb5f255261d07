import { v7 as uuidv7 } from "uuid";
import { recordAudit } from "@/lib/audit";
import { type Database, databaseError } from "@/lib/db";
import { AppError } from "@/lib/errors";
import type { ChangePasswordRequest } from "@/lib/protocol";
import type { Auth } from "../auth/create-auth";
import type { OpenSession } from "../sessions/create-sessions";

type Deps = { db: Database; auth: Pick<Auth, "hashPassword" | "verifyPassword"> };

/**
 * All other sessions end with it. Errors: `invalid_credentials` where the present one is wrong or missing,
 * `database_unavailable`.
 */
export async function changePassword(
  { db, auth }: Deps,
  { id: sessionId, user }: OpenSession,
  { currentPassword, newPassword }: ChangePasswordRequest,
): Promise<void> {
  await checkPassword({ db, auth }, user.id, currentPassword);
  const hash = await auth.hashPassword(newPassword);
  const key = { providerId: "credential", accountId: user.id };
  try {
    await db.$transaction(async (tx) => {
      await tx.authAccount.upsert({
        where: { providerId_accountId: key },
        create: { ...key, id: uuidv7(), userId: user.id, password: hash },
        update: { password: hash },
      });
      const others = { userId: user.id, id: { not: sessionId } };
      const { count } = await tx.authSession.deleteMany({ where: others });
      await recordAudit(tx, {
        actor: { kind: "user", id: user.id, label: user.email },
        ...{ action: "user.change_password", targetKind: "user", targetId: user.id },
        details: { sessionsEnded: count },
      });
    });
  } catch (error) {
    throw databaseError(error);
  }
}

/**
 * Whether the account has a password; if so, the given one must be it. Errors: `invalid_credentials`,
 * `database_unavailable`.
 */
export async function checkPassword({ db, auth }: Deps, userId: string, given?: string): Promise<boolean> {
  const hash = await passwordOf(db, userId);
  if (hash === null) return false;
  if (given !== undefined && (await auth.verifyPassword(hash, given))) return true;
  throw new AppError("invalid_credentials", { message: "The password is not right." });
}

async function passwordOf(db: Database, userId: string): Promise<string | null> {
  const key = { providerId: "credential", accountId: userId };
  try {
    const row = await db.authAccount.findUnique({ where: { providerId_accountId: key } });
    return row?.password ?? null;
  } catch (error) {
    throw databaseError(error);
  }
}
