import { AppError } from "@/lib/errors";
import type { ConversationView, RegenerateAnswerRequest } from "@/lib/protocol";
import type { ChatDeps } from "./deps";
import { findModel } from "./find-model";
import { lockConversation, requireQuiet } from "./lock-conversation";
import { newAnswer } from "./new-message";

/**
 * Answers a prompt again beside the first answer, with the settings of now; a model that is named answers from then on. The
 * same idempotency key gives the answer that it made first. Errors: `conversation_not_found`, `message_not_found`,
 * `model_not_found`, `conversation_busy`, `conversation_full`.
 */
export async function regenerateAnswer(
  deps: ChatDeps,
  visitorId: string,
  conversationId: string,
  request: RegenerateAnswerRequest,
): Promise<ConversationView> {
  const queued = await deps.db.$transaction(async (tx) => {
    const conversation = await lockConversation(tx, conversationId, visitorId);
    const { messages } = conversation;
    const { idempotencyKey } = request;
    if (messages.some((message) => message.idempotencyKey === idempotencyKey)) return [];
    requireQuiet(conversation);
    const parentId = messages.find(
      ({ id, role }) => id === request.messageId && role === "assistant",
    )?.parentId;
    if (parentId === null || parentId === undefined) {
      throw new AppError("message_not_found", { param: "messageId" });
    }
    const modelId =
      request.model === undefined ? conversation.modelId : (await findModel(tx, request.model)).id;
    const answer = newAnswer(
      { parentId, idempotencyKey, ordinal: messages.length },
      { ...conversation, modelId },
    );
    await tx.message.create({ data: { ...answer, conversationId } });
    await tx.conversation.update({
      where: { id: conversationId },
      data: { leafId: answer.id, modelId, updatedAt: new Date() },
    });
    return [answer.id];
  });
  return deps.live.view(conversationId, visitorId, queued);
}
