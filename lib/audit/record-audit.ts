import { v7 as uuidv7 } from "uuid";
import type { Prisma } from "@/lib/db";
import type { AuditActor } from "./audit-actor";

export type AuditEntry = {
  actor: AuditActor;
  /** `<part>.<verb>`, such as `settings.change` or `worker.drain`. */
  action: string;
  /** What it was done to, such as `model` and its name. */
  targetKind: string;
  targetId: string;
  /** What changed, for people to read. Never a secret, never a visitor's text. */
  details?: Prisma.InputJsonObject;
};

/**
 * Adds a line to the audit log. In the transaction that does what it tells of, so that there is neither a deed without its
 * line nor a line without its deed.
 */
export async function recordAudit(tx: Prisma.TransactionClient, entry: AuditEntry): Promise<void> {
  const { actor, action, targetKind, targetId, details = {} } = entry;
  await tx.auditEntry.create({
    data: {
      id: uuidv7(),
      actorKind: actor.kind,
      actorId: actor.kind === "user" ? actor.id : null,
      actorLabel: actor.label,
      ...{ action, targetKind, targetId, details },
    },
  });
}
