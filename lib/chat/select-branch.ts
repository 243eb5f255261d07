import { AppError } from "@/lib/errors";
import { newestLeafOf } from "@/lib/message-tree";
import type { ConversationView, SelectBranchRequest } from "@/lib/protocol";
import type { ChatDeps } from "./deps";
import { lockConversation } from "./lock-conversation";

/** Remembers which branch is shown: the one with this message. Errors: `conversation_not_found`, `message_not_found`. */
export async function selectBranch(
  { db, live }: ChatDeps,
  visitorId: string,
  conversationId: string,
  { messageId }: SelectBranchRequest,
): Promise<ConversationView> {
  await db.$transaction(async (tx) => {
    const { messages } = await lockConversation(tx, conversationId, visitorId);
    if (!messages.some(({ id }) => id === messageId)) {
      throw new AppError("message_not_found", { param: "messageId" });
    }
    const leafId = newestLeafOf(messages, messageId);
    await tx.conversation.update({ where: { id: conversationId }, data: { leafId } });
  });
  return live.changed(conversationId, visitorId);
}
