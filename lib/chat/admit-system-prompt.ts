import { AppError } from "@/lib/errors";
import type { ChatDeps } from "./deps";

/**
 * Lets a new system prompt of a conversation through before it is stored, as any text that a model is sent. One that is stored
 * already was let through then, so that a page which sends all its settings costs nothing. `beforehand` runs where there is
 * something to look at. Errors: `conversation_not_found`; those of `beforehand` and of `Moderation.admit`.
 */
export async function admitSystemPrompt(
  { db, moderation }: Pick<ChatDeps, "db" | "moderation">,
  visitorId: string,
  conversationId: string,
  systemPrompt: string,
  beforehand: () => Promise<void>,
): Promise<void> {
  if (systemPrompt.trim() === "") return;
  const where = { id: conversationId, visitorId, deletedAt: null };
  const stored = await db.conversation.findFirst({ where, select: { systemPrompt: true } });
  if (stored === null) throw new AppError("conversation_not_found");
  if (stored.systemPrompt === systemPrompt) return;
  await beforehand();
  await moderation.admit({ surface: "chat_prompt", visitorId, text: systemPrompt });
}
