import { AppError } from "@/lib/errors";
import type { ConversationView, SendMessageRequest } from "@/lib/protocol";
import type { ChatDeps } from "./deps";
import { lockConversation, requireQuiet } from "./lock-conversation";
import { newAnswer, newPrompt } from "./new-message";

/**
 * A message after an answer, or at the beginning. Where something follows there already (the prompt was edited), a second
 * branch begins. The same idempotency key gives the message that it made first. Errors: `conversation_not_found`,
 * `message_not_found` for the parent, `conversation_busy`, `conversation_full`.
 */
export async function sendMessage(
  deps: ChatDeps,
  visitorId: string,
  conversationId: string,
  { text, parentId, idempotencyKey }: SendMessageRequest,
): Promise<ConversationView> {
  const queued = await deps.db.$transaction(async (tx) => {
    const conversation = await lockConversation(tx, conversationId, visitorId);
    const { messages } = conversation;
    if (messages.some((message) => message.idempotencyKey === idempotencyKey)) return [];
    requireQuiet(conversation);
    const isAnswer = messages.some(({ id, role }) => id === parentId && role === "assistant");
    if (parentId !== null && !isAnswer) throw new AppError("message_not_found", { param: "parentId" });
    const ordinal = messages.length;
    const prompt = newPrompt({ text, parentId, idempotencyKey, ordinal });
    const answer = newAnswer({ parentId: prompt.id, ordinal: ordinal + 1 }, conversation);
    await tx.message.createMany({ data: [prompt, answer].map((row) => ({ ...row, conversationId })) });
    await tx.conversation.update({
      where: { id: conversationId },
      data: { leafId: answer.id, updatedAt: new Date() },
    });
    return [answer.id];
  });
  return deps.live.view(conversationId, visitorId, queued);
}
