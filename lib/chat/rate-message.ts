import { AppError } from "@/lib/errors";
import type { ConversationView, MessageFeedbackRequest } from "@/lib/protocol";
import type { ChatDeps } from "./deps";
import { lockConversation } from "./lock-conversation";

/**
 * Thumbs up, thumbs down, or neither. Named chats are no blind votes: this never reaches a board. Errors:
 * `conversation_not_found`, `message_not_found`.
 */
export async function rateMessage(
  { db, live }: ChatDeps,
  visitorId: string,
  conversationId: string,
  { messageId, feedback }: MessageFeedbackRequest,
): Promise<ConversationView> {
  await db.$transaction(async (tx) => {
    await lockConversation(tx, conversationId, visitorId);
    const { count } = await tx.message.updateMany({
      where: { id: messageId, conversationId, role: "assistant" },
      data: { feedback },
    });
    if (count === 0) throw new AppError("message_not_found", { param: "messageId" });
  });
  return live.changed(conversationId, visitorId);
}
