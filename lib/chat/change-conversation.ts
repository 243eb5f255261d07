import type { ChangeConversationRequest, ConversationView } from "@/lib/protocol";
import type { ChatDeps } from "./deps";
import { findModel } from "./find-model";
import { lockConversation } from "./lock-conversation";
import { newSystemPrompt } from "./new-system-prompt";

/**
 * Renames, pins, or changes with what the next answers are made: model, system prompt, parameters. What is being written
 * goes on as it began. `countPrompt` is called where a new system prompt has to be looked at. Errors: `conversation_not_found`,
 * `model_not_found`; for a new system prompt those of `countPrompt` and of `Moderation.admit`, and nothing is changed then.
 */
export async function changeConversation(
  { db, live, moderation }: ChatDeps,
  visitorId: string,
  conversationId: string,
  { title, isPinned, model, systemPrompt, parameters }: ChangeConversationRequest,
  countPrompt: () => Promise<void> = async () => undefined,
): Promise<ConversationView> {
  // Not within the transaction: a moderator may take seconds.
  const words =
    systemPrompt === undefined ? "" : await newSystemPrompt(db, visitorId, conversationId, systemPrompt);
  if (words !== "") {
    await countPrompt();
    await moderation.admit({ surface: "chat_prompt", visitorId, text: words });
  }
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
  return live.changed(conversationId, visitorId);
}
