import type { Logger } from "pino";
import { purgeAttachments } from "@/lib/attachments";
import type { Database } from "@/lib/db";
import { closeGoneFlags, forgetRefused } from "@/lib/moderation";

/** How long a deletion can be undone. Longer than the page offers it, which pauses its clock under the pointer. */
export const undoMs = 60_000;
const purgeIntervalMs = 30_000;

/**
 * Removes for good what was deleted longer ago than {@link undoMs}, with its images, and images that were never sent; what readers
 * have flagged of it is closed, and who sent what was refused a month ago is forgotten. Returns how many conversations that were.
 */
export async function purgeDeleted(db: Database, now: number): Promise<number> {
  const where = { deletedAt: { lte: new Date(now - undoMs) } };
  const images = await db.messageImage.findMany({
    where: { message: { conversation: where } },
    select: { attachmentId: true },
  });
  const { count } = await db.conversation.deleteMany({ where });
  await closeGoneFlags(db);
  await forgetRefused(db);
  await purgeAttachments(
    db,
    now,
    images.map(({ attachmentId }) => attachmentId),
  );
  return count;
}

/** Does so now and from time to time; every server may. Returns the way out, which waits for a run that is under way. */
export function keepPurging(db: Database, logger: Logger): () => Promise<void> {
  let running: Promise<unknown> = Promise.resolve();
  const purge = () => {
    running = purgeDeleted(db, Date.now()).catch((error: unknown) => {
      logger.warn({ err: error }, "deleted conversations could not be removed; the next try is soon");
    });
  };
  purge();
  const timer = setInterval(purge, purgeIntervalMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await running;
  };
}
