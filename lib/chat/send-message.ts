import type { ChargeTokens } from "@/lib/answers";
import { checkImages, newImageLinks } from "@/lib/attachments";
import { AppError } from "@/lib/errors";
import { branchTo } from "@/lib/message-tree";
import type { ConversationView, SendMessageRequest } from "@/lib/protocol";
import { admitWords } from "./admit-words";
import type { ChatDeps } from "./deps";
import { lockConversation, requireQuiet } from "./lock-conversation";
import { newAnswer, newPrompt } from "./new-message";
import { requireVision } from "./require-vision";
import { settingsFor } from "./settings-for";

/**
 * A message after an answer, or at the beginning. Where something follows there already (the prompt was edited), a second
 * branch begins. The settings that it names are stored with it, for what follows too. The same idempotency key gives the message
 * that it made first. Errors: `conversation_not_found`, `message_not_found` for the parent, `model_not_found`,
 * `conversation_busy`, `conversation_full`; with images on the branch `model_reads_no_images`, `attachment_not_found`,
 * `too_many_images`; those of `Moderation.admit`.
 */
export async function sendMessage(
  deps: ChatDeps,
  visitorId: string,
  conversationId: string,
  { text, images = [], parentId, idempotencyKey, ...askedWith }: SendMessageRequest,
  charge?: ChargeTokens,
): Promise<ConversationView> {
  const { systemPrompt } = askedWith;
  await admitWords(deps, visitorId, conversationId, { text, systemPrompt, images });
  const queued = await deps.db.$transaction(async (tx) => {
    const conversation = await lockConversation(tx, conversationId, visitorId);
    const { messages } = conversation;
    if (messages.some((message) => message.idempotencyKey === idempotencyKey)) return [];
    requireQuiet(conversation);
    const isAnswer = messages.some(({ id, role }) => id === parentId && role === "assistant");
    if (parentId !== null && !isAnswer) throw new AppError("message_not_found", { param: "parentId" });
    const before = branchTo(messages, parentId).flatMap((message) => message.images);
    const known = before.map(({ attachment }) => attachment.id);
    const { modelName, settings } = await settingsFor(tx, conversation, askedWith);
    requireVision(deps, modelName, [...images, ...known]);
    await checkImages(tx, visitorId, images, known);
    const ordinal = messages.length;
    const prompt = newPrompt({ text, parentId, idempotencyKey, ordinal });
    const answer = newAnswer({ parentId: prompt.id, ordinal: ordinal + 1 }, settings);
    await tx.message.createMany({ data: [prompt, answer].map((row) => ({ ...row, conversationId })) });
    await tx.messageImage.createMany({
      data: newImageLinks(images).map((link) => ({ ...link, messageId: prompt.id })),
    });
    await tx.conversation.update({
      where: { id: conversationId },
      data: { ...settings, leafId: answer.id, updatedAt: new Date() },
    });
    return [answer.id];
  });
  return deps.live.changed(conversationId, visitorId, queued, charge);
}
