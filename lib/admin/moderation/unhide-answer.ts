import { type AuditActor, recordAudit } from "@/lib/audit";
import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { type NoteRequest, noteRequestSchema, parseInput } from "@/lib/protocol";
import { transact } from "../transact";

/**
 * Takes the hiding of an answer back: whoever could read it reads it again, and where its visitor has published the battle's text
 * it is published again. Pages that were taken down with it stay down until they are published anew. Errors: `not_found` for an
 * answer that is not hidden, `invalid_request`, `database_unavailable`.
 */
export async function unhideAnswer(
  db: Database,
  actor: AuditActor,
  subjectId: string,
  input: NoteRequest,
): Promise<void> {
  const { note } = parseInput(noteRequestSchema, input);
  await transact(db, async (tx) => {
    const of = { where: { id: subjectId, hiddenAt: { not: null } }, data: { hiddenAt: null } } as const;
    const responses = await tx.response.updateMany(of);
    const messages = responses.count > 0 ? { count: 0 } : await tx.message.updateMany(of);
    if (responses.count + messages.count === 0) {
      throw new AppError("not_found", { message: "There is no such answer that is hidden." });
    }
    await recordAudit(tx, {
      ...{ actor, action: "moderation.unhide", targetId: subjectId, details: { note } },
      targetKind: responses.count > 0 ? "response" : "message",
    });
  });
}
