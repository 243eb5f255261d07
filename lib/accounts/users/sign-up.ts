import { v7 as uuidv7 } from "uuid";
import { recordAudit } from "@/lib/audit";
import { type Database, databaseError, isUniqueViolation } from "@/lib/db";
import { AppError } from "@/lib/errors";
import type { SignUpRequest } from "@/lib/protocol";
import type { Auth } from "../auth/create-auth";
import { findLink, takeLink } from "../links/use-link";
import type { SessionUser } from "../sessions/session-types";

export type SignUpDeps = {
  db: Database;
  auth: Pick<Auth, "hashPassword">;
  /** The site's setting. Closed means invitations too; a site without an administrator gets its first one all the same. */
  mode: () => "open" | "invitation" | "closed";
};

/**
 * Makes an account with a password. An invitation gives its role and is used up with it, in one transaction. Errors:
 * `sign_up_closed` without an invitation that is needed, `link_invalid`, `email_taken`,
 * `database_unavailable`.
 */
export async function signUp({ db, auth, mode }: SignUpDeps, request: SignUpRequest): Promise<SessionUser> {
  const { email, name, password, invitation } = request;
  try {
    // Before the slow hash, so that it is not to be had for nothing.
    if (invitation === undefined) {
      if (mode() !== "open") throw new AppError("sign_up_closed");
    } else {
      const { kind } = await findLink(db, invitation);
      if (kind === "password_reset") throw new AppError("link_invalid");
      if (kind === "invitation" && mode() === "closed") throw new AppError("sign_up_closed");
    }
    const hash = await auth.hashPassword(password);
    return await db.$transaction(async (tx) => {
      const link = invitation === undefined ? null : await takeLink(tx, invitation);
      const id = uuidv7();
      const role = link?.role ?? "user";
      await tx.user.create({ data: { id, email, name, role } });
      await tx.authAccount.create({
        data: { id: uuidv7(), accountId: id, providerId: "credential", userId: id, password: hash },
      });
      await recordAudit(tx, {
        actor: { kind: "user", id, label: email },
        ...{ action: "user.sign_up", targetKind: "user", targetId: id },
        details: link === null ? { role } : { role, link: link.prefix, invitedBy: link.createdBy },
      });
      return { id, email, name, role };
    });
  } catch (error) {
    if (isUniqueViolation(error)) throw new AppError("email_taken", { param: "email" });
    throw databaseError(error);
  }
}
