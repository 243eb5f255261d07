import { type AuditActor, recordAudit } from "@/lib/audit";
import { type Database, databaseError } from "@/lib/db";
import { parseInput, roleSchema } from "@/lib/protocol";
import type { SiteSettings } from "@/lib/settings";
import { lowerKeys } from "../api-keys/lower-keys";
import { keepAnAdmin } from "../links/create-link";
import type { Role } from "../sessions/session-types";
import { findUser, type UserRow } from "./find-user";

/**
 * From the next request on. Keys that the account has made keep no more than the new role allows. Errors: `not_found`,
 * `invalid_request`, `last_admin`, `database_unavailable`.
 */
export async function setUserRole(
  db: Database,
  actor: AuditActor,
  reference: string,
  role: Role,
  settings: Pick<SiteSettings, "accounts">,
): Promise<UserRow> {
  const wanted = parseInput(roleSchema, role);
  try {
    return await db.$transaction(async (tx) => {
      const { id, role: before, email } = await findUser(tx, reference);
      if (wanted !== "admin") await keepAnAdmin(tx, id);
      const user = await tx.user.update({ where: { id }, data: { role: wanted } });
      await lowerKeys(tx, user, settings.accounts.keys[wanted]);
      await recordAudit(tx, {
        ...{ actor, action: "user.set_role", targetKind: "user", targetId: id },
        details: { email, from: before, to: wanted },
      });
      return user;
    });
  } catch (error) {
    throw databaseError(error);
  }
}
