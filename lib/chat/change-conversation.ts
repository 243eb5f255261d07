import type { ChangeConversationRequest, ConversationView } from "@/lib/protocol";
import type { ChatDeps } from "./deps";
import { findModel } from "./find-model";
import { lockConversation } from "./lock-conversation";

/**
 * Renames, pins, or changes with what the next answers are made: model, system prompt, parameters. What is being written
 * goes on as it began. Errors: `conversation_not_found`, `model_not_found`.
 */
export async function changeConversation(
  { db, live }: ChatDeps,
  visitorId: string,
  conversationId: string,
  { title, isPinned, model, systemPrompt, parameters }: ChangeConversationRequest,
): Promise<ConversationView> {
  await db.$transaction(async (tx) => {
    const { pinnedAt } = await lockConversation(tx, conversationId, visitorId);
    await tx.conversation.update({
      where: { id: conversationId },
      data: {
        title: title?.trim(),
        pinnedAt: isPinned === undefined ? undefined : isPinned ? (pinnedAt ?? new Date()) : null,
        modelId: model === undefined ? undefined : (await findModel(tx, model)).id,
        systemPrompt,
        parameters,
      },
    });
  });
  return live.view(conversationId, visitorId);
}
