import { requireNotStopped } from "@/lib/accounts";
import { AppError } from "@/lib/errors";
import { branchTo } from "@/lib/message-tree";
import type { ConversationView, RegenerateAnswerRequest } from "@/lib/protocol";
import type { ChatDeps } from "./deps";
import { findModel } from "./find-model";
import { lockConversation, requireQuiet } from "./lock-conversation";
import { newAnswer } from "./new-message";
import { requireVision } from "./require-vision";

/**
 * Answers a prompt again beside the first answer, with the settings of now; a model that is named answers from then on. The
 * same idempotency key gives the answer that it made first. Errors: `conversation_not_found`, `message_not_found`,
 * `model_not_found`, `conversation_busy`, `conversation_full`; `model_reads_no_images` where the branch shows one; `visitor_stopped`.
 */
export async function regenerateAnswer(
  deps: ChatDeps,
  visitorId: string,
  conversationId: string,
  request: RegenerateAnswerRequest,
): Promise<ConversationView> {
  await requireNotStopped(deps.db, visitorId);
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
    const { id: modelId, name } =
      request.model === undefined ? conversation.model : await findModel(tx, request.model);
    const shown = branchTo(messages, parentId).flatMap(({ images }) => images);
    requireVision(deps, name, shown);
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
