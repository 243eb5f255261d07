import type { ChargeTokens } from "@/lib/answers";
import { AppError } from "@/lib/errors";
import { branchTo } from "@/lib/message-tree";
import type { ConversationView, RegenerateAnswerRequest } from "@/lib/protocol";
import { admitWords } from "./admit-words";
import type { ChatDeps } from "./deps";
import { lockConversation, requireQuiet } from "./lock-conversation";
import { newAnswer } from "./new-message";
import { requireVision } from "./require-vision";
import { settingsFor } from "./settings-for";

/**
 * Answers a prompt again beside the first answer. The settings that the request names are stored with it, for what follows too.
 * The same idempotency key gives the answer that it made first. Errors: `conversation_not_found`, `message_not_found`,
 * `model_not_found`, `conversation_busy`, `conversation_full`; `model_reads_no_images` where the branch shows one; those of
 * `Moderation.admit`.
 */
export async function regenerateAnswer(
  deps: ChatDeps,
  visitorId: string,
  conversationId: string,
  { messageId, idempotencyKey, ...askedWith }: RegenerateAnswerRequest,
  charge?: ChargeTokens,
): Promise<ConversationView> {
  await admitWords(deps, visitorId, conversationId, { systemPrompt: askedWith.systemPrompt });
  const queued = await deps.db.$transaction(async (tx) => {
    const conversation = await lockConversation(tx, conversationId, visitorId);
    const { messages } = conversation;
    if (messages.some((message) => message.idempotencyKey === idempotencyKey)) return [];
    requireQuiet(conversation);
    const parentId = messages.find(({ id, role }) => id === messageId && role === "assistant")?.parentId;
    if (parentId === null || parentId === undefined) {
      throw new AppError("message_not_found", { param: "messageId" });
    }
    const { modelName, settings } = await settingsFor(tx, conversation, askedWith);
    const shown = branchTo(messages, parentId).flatMap(({ images }) => images);
    requireVision(deps, modelName, shown);
    const answer = newAnswer({ parentId, idempotencyKey, ordinal: messages.length }, settings);
    await tx.message.create({ data: { ...answer, conversationId } });
    await tx.conversation.update({
      where: { id: conversationId },
      data: { ...settings, leafId: answer.id, updatedAt: new Date() },
    });
    return [answer.id];
  });
  return deps.live.changed(conversationId, visitorId, queued, charge);
}
