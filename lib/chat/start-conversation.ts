import { v7 as uuidv7 } from "uuid";
import type { ChargeTokens } from "@/lib/answers";
import { checkImages, newImageLinks } from "@/lib/attachments";
import { isUniqueViolation } from "@/lib/db";
import type { ConversationView, StartConversationRequest } from "@/lib/protocol";
import { recordPrivacyNotice } from "@/lib/publication";
import type { ChatDeps } from "./deps";
import { findModel } from "./find-model";
import { newAnswer, newPrompt } from "./new-message";
import { requireVision } from "./require-vision";
import { titleOf } from "./title-of";

/**
 * Begins a conversation with its first message. The same idempotency key of the same visitor gives the conversation that it
 * made first. Errors: `model_not_found`, `shutting_down`; `conversation_not_found` where that one was deleted since; with images
 * `model_reads_no_images`, `attachment_not_found`, `too_many_images`.
 */
export async function startConversation(
  deps: ChatDeps,
  visitorId: string,
  request: StartConversationRequest,
  charge?: ChargeTokens,
): Promise<ConversationView> {
  const { db, live } = deps;
  const { text, images = [], systemPrompt, parameters, idempotencyKey } = request;
  const key = { visitorId_idempotencyKey: { visitorId, idempotencyKey } };
  const existing = await db.conversation.findUnique({ where: key, select: { id: true } });
  if (existing !== null) return live.view(existing.id, visitorId);

  const read = systemPrompt.trim() === "" ? text : `${systemPrompt}\n\n${text}`;
  await deps.moderation.admit({ surface: "chat_prompt", visitorId, text: read, images });
  const model = await findModel(db, request.model);
  requireVision(deps, model.name, images);
  await checkImages(db, visitorId, images);
  const id = uuidv7();
  const settings = { modelId: model.id, systemPrompt, parameters };
  const prompt = newPrompt({ text, parentId: null, idempotencyKey, ordinal: 0 });
  const answer = newAnswer({ parentId: prompt.id, ordinal: 1 }, settings);
  try {
    await db.$transaction([
      db.visitor.upsert({ where: { id: visitorId }, create: { id: visitorId }, update: {} }),
      recordPrivacyNotice(db, visitorId),
      db.conversation.create({
        data: { id, visitorId, idempotencyKey, title: titleOf(text), leafId: answer.id, ...settings },
      }),
      db.message.createMany({
        data: [prompt, answer].map((message) => ({ ...message, conversationId: id })),
      }),
      db.messageImage.createMany({
        data: newImageLinks(images).map((link) => ({ ...link, messageId: prompt.id })),
      }),
    ]);
  } catch (error) {
    // The same key twice at the same moment: the other request has won, its conversation is the answer.
    if (!isUniqueViolation(error)) throw error;
    const winner = await db.conversation.findUnique({ where: key, select: { id: true } });
    if (winner === null) throw error;
    return live.view(winner.id, visitorId);
  }
  return live.view(id, visitorId, [answer.id], charge);
}
