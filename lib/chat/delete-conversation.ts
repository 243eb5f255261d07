import { AppError } from "@/lib/errors";
import type { ConversationView, DeletedConversation } from "@/lib/protocol";
import type { ChatDeps } from "./deps";
import { undoMs } from "./purge-deleted";

/** Hides the conversation at once; for {@link undoMs} it can be brought back. Errors: `conversation_not_found`. */
export async function deleteConversation(
  { db, live }: ChatDeps,
  visitorId: string,
  conversationId: string,
): Promise<DeletedConversation> {
  const deletedAt = new Date();
  const { count } = await db.conversation.updateMany({
    where: { id: conversationId, visitorId, deletedAt: null },
    data: { deletedAt },
  });
  if (count === 0) throw new AppError("conversation_not_found");
  await live.deleted([conversationId]);
  return { id: conversationId, undoUntil: new Date(deletedAt.getTime() + undoMs).toISOString() };
}

/** Errors: `conversation_not_found`, also when the time to undo is over. */
export async function restoreConversation(
  { db, live }: ChatDeps,
  visitorId: string,
  conversationId: string,
): Promise<ConversationView> {
  const { count } = await db.conversation.updateMany({
    where: { id: conversationId, visitorId, deletedAt: { gt: new Date(Date.now() - undoMs) } },
    data: { deletedAt: null },
  });
  if (count === 0) throw new AppError("conversation_not_found");
  return live.view(conversationId, visitorId);
}
