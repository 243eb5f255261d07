import type { Prisma } from "@/lib/db";

/**
 * Closes the open flags of what was removed by the visitor whose it was: the privacy page promises that it is gone for good, so
 * nobody can decide about it any more. The flag stays with its reason and time; a reader's comment goes, because it may quote the
 * text. For the transaction that removes texts, and again from time to time: a flag may come a moment later than the removal.
 */
export function closeGoneFlags(
  db: Pick<Prisma.TransactionClient, "$executeRaw">,
): Prisma.PrismaPromise<number> {
  return db.$executeRaw`
    UPDATE moderation_flags flag
    SET status = 'gone', comment = '', resolved_by = 'removed by its visitor', resolved_at = now()
    WHERE flag.status = 'open' AND NOT CASE flag.subject_kind
      WHEN 'message' THEN EXISTS (SELECT FROM messages WHERE messages.id = flag.subject_id)
      ELSE EXISTS (SELECT FROM responses answer JOIN turns turn ON turn.id = answer.turn_id
                     JOIN battles battle ON battle.id = turn.battle_id
                    WHERE answer.id = flag.subject_id AND battle.text_deleted_at IS NULL) END`;
}
