import type { Database } from "@/lib/db";

/** How long an image waits for the prompt that names it. */
const unsentMs = 60 * 60 * 1000;

/**
 * Removes images that no prompt shows: those of the given ids at once, all others once they have waited long enough for
 * theirs. An image that a prompt has just taken stays: its link's foreign key waits for this statement, or this one for it.
 * Returns how many are gone.
 */
export async function purgeAttachments(
  db: Pick<Database, "$executeRaw">,
  now: number,
  ids: readonly string[] = [],
): Promise<number> {
  const before = new Date(now - unsentMs);
  return db.$executeRaw`
    DELETE FROM attachments
    WHERE (id = ANY(${ids}::uuid[]) OR created_at < ${before})
      AND NOT EXISTS (SELECT 1 FROM turn_images WHERE attachment_id = attachments.id)
      AND NOT EXISTS (SELECT 1 FROM message_images WHERE attachment_id = attachments.id)`;
}
