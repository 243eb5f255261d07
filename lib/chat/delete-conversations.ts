import type { DeletedConversations } from "@/lib/protocol";
import type { ChatDeps } from "./deps";
import { purgeDeleted } from "./purge-deleted";

/**
 * Deletes all conversations of a visitor for good, also those whose deletion could still be undone: messages with their images,
 * and their shared pages. Answers that are being written end. Deleting twice is no error.
 */
export async function deleteConversations(
  { db, live }: Pick<ChatDeps, "db" | "live">,
  visitorId: string,
): Promise<DeletedConversations> {
  const found = await db.conversation.findMany({
    where: { visitorId },
    select: { id: true, deletedAt: true },
  });
  const ids = found.map(({ id }) => id);
  // The time to undo is over: nothing can bring them back between here and the removal. One that begins meanwhile stays.
  await db.conversation.updateMany({
    where: { id: { in: ids }, visitorId },
    data: { deletedAt: new Date(0) },
  });
  await live.deleted(ids);
  // What another server still writes after that finds its row gone and stops.
  await purgeDeleted(db, Date.now());
  return { conversations: found.filter(({ deletedAt }) => deletedAt === null).length };
}
