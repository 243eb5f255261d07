import { type AuditActor, recordAudit } from "@/lib/audit";
import { type Database, databaseError } from "@/lib/db";
import { revokeKeysOf } from "../api-keys/own-keys";
import { keepAnAdmin } from "../links/create-link";
import { findUser } from "./find-user";

export type DeleteUserDeps = {
  db: Database;
  /** Removes the texts of all battles of a visitor; votes stay counted. */
  deleteTexts: (visitorId: string) => Promise<unknown>;
};

/**
 * The account goes: sessions, logins and links with it; keys are revoked; chats are removed, and the texts of its battles.
 * Votes stay counted, under a pseudonym that leads nowhere. Errors: `not_found`, `last_admin`, `database_unavailable`.
 */
export async function deleteUser(
  { db, deleteTexts }: DeleteUserDeps,
  actor: AuditActor,
  reference: string,
): Promise<void> {
  try {
    const { id } = await findUser(db, reference);
    await db.$transaction((tx) => keepAnAdmin(tx, id));
    // First: if the rest fails, there is still an account that can ask for it again.
    await deleteTexts(id);
    await db.$transaction(async (tx) => {
      await keepAnAdmin(tx, id);
      // As the chat's own deletion, whose time to undo is over: what still writes finds its row closed and stops.
      await tx.conversation.updateMany({ where: { visitorId: id }, data: { deletedAt: new Date(0) } });
      const keysRevoked = await revokeKeysOf(tx, id);
      await tx.apiKey.updateMany({ where: { ownerId: id }, data: { ownerLabel: "deleted account" } });
      await tx.user.delete({ where: { id } });
      await recordAudit(tx, {
        // The address goes too: the log says that an account was deleted, not whose.
        actor: actor.kind === "user" && actor.id === id ? { ...actor, label: "deleted account" } : actor,
        ...{ action: "user.delete", targetKind: "user", targetId: id },
        details: { keysRevoked },
      });
    });
  } catch (error) {
    throw databaseError(error);
  }
}
