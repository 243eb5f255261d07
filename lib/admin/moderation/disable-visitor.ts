import { type AuditActor, recordAudit } from "@/lib/audit";
import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { type NoteRequest, noteRequestSchema, parseInput } from "@/lib/protocol";
import { transact } from "../transact";

/**
 * Lets a visitor send nothing more whose texts the chain has refused; votes from before stay. Somebody of whom nothing was ever let
 * through is not known yet and becomes so. Errors: `not_found` for a visitor of whom nothing was refused and for one that is stopped
 * already, `invalid_request`, `database_unavailable`.
 */
export async function disableVisitor(
  db: Database,
  actor: AuditActor,
  visitorId: string,
  input: NoteRequest,
): Promise<void> {
  const { note } = parseInput(noteRequestSchema, input);
  await transact(db, async (tx) => {
    const refused = await tx.moderationResult.findFirst({
      where: { visitorId, outcome: "refused" },
      select: { id: true },
    });
    const count =
      refused === null
        ? 0
        : await tx.$executeRaw`
            INSERT INTO visitors (id, disabled_at) VALUES (${visitorId}::uuid, now())
            ON CONFLICT (id) DO UPDATE SET disabled_at = now() WHERE visitors.disabled_at IS NULL`;
    if (count === 0) {
      throw new AppError("not_found", { message: "There is no such visitor who could be stopped." });
    }
    await recordAudit(tx, {
      ...{ actor, action: "moderation.disable_visitor", targetKind: "visitor", targetId: visitorId },
      details: { note },
    });
  });
}
