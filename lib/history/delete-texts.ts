import { purgeAttachments } from "@/lib/attachments";
import { AppError } from "@/lib/errors";
import { closeGoneFlags } from "@/lib/moderation";
import type { DeletedTexts } from "@/lib/protocol";
import { withdrawTexts } from "@/lib/publication";
import type { HistoryDeps } from "./deps";

/**
 * Removes the texts of one battle of the visitor, or of all: prompts with their images, answers, replaced turns and failed
 * attempts too, and the comment on the vote. What was published of them is taken back. The row, the vote and the counts stay,
 * also those that tell how the answers were written (lib/categories): no text can be made of them, and boards are. Answers that
 * are being written are stopped. Deleting twice is no error. Errors: `battle_not_found` for one that is not the visitor's.
 */
export async function deleteTexts(
  { db, live }: HistoryDeps,
  visitorId: string,
  battleId?: string,
): Promise<DeletedTexts> {
  const where = { visitorId, textDeletedAt: null, ...(battleId === undefined ? {} : { id: battleId }) };
  const found = await db.battle.findMany({ where, select: { id: true } });
  const ids = found.map(({ id }) => id);
  if (battleId !== undefined && ids.length === 0) {
    const own = await db.battle.findFirst({ where: { id: battleId, visitorId }, select: { id: true } });
    if (own === null) throw new AppError("battle_not_found");
  }
  await Promise.all(ids.map(async (id) => (await live.peek(id))?.stop()));
  const images = await db.turnImage.findMany({
    where: { turn: { battleId: { in: ids } } },
    select: { attachmentId: true },
  });
  await db.$transaction([
    // Locks the battles first, as votes and turns do.
    db.$executeRaw`
      UPDATE battles SET text_deleted_at = now()
      WHERE id IN (SELECT id FROM battles WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR NO KEY UPDATE)`,
    // An answer that another server writes ends here: whoever writes it finds its row closed and stops.
    db.$executeRaw`
      UPDATE responses
      SET text = '', status = CASE WHEN status IN ('queued', 'writing') THEN 'stopped' ELSE status END,
          finished_at = COALESCE(finished_at, now())
      FROM turns WHERE turns.id = turn_id AND battle_id = ANY(${ids}::uuid[])`,
    db.$executeRaw`
      DELETE FROM turn_images USING turns WHERE turns.id = turn_id AND battle_id = ANY(${ids}::uuid[])`,
    db.$executeRaw`UPDATE turns SET prompt = '' WHERE battle_id = ANY(${ids}::uuid[])`,
    db.$executeRaw`
      UPDATE vote_reasons SET comment = '', updated_at = now()
      FROM votes WHERE votes.id = vote_id AND battle_id = ANY(${ids}::uuid[])`,
    ...withdrawTexts(db, ids),
    closeGoneFlags(db),
  ]);
  // Those that another text shows as well stay with it.
  await purgeAttachments(
    db,
    Date.now(),
    images.map(({ attachmentId }) => attachmentId),
  );
  // What is in memory still has the texts.
  await live.reread(ids);
  return { battles: ids.length };
}
