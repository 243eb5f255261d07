import { requireNotStopped } from "@/lib/accounts";
import { AppError } from "@/lib/errors";
import type { ChatDeps } from "./deps";

type Words = { text?: string; systemPrompt?: string; images?: readonly string[] };

/**
 * Lets through what a request adds to a conversation: its text with the images, and a system prompt that is not stored with it
 * yet. Errors: `conversation_not_found`, those of `Moderation.admit`.
 */
export async function admitWords(
  { db, moderation }: Pick<ChatDeps, "db" | "moderation">,
  visitorId: string,
  conversationId: string,
  { text = "", systemPrompt = "", images }: Words,
): Promise<void> {
  // Before the moderators, who read for those alone whose conversation it is.
  const where = { id: conversationId, visitorId, deletedAt: null };
  const stored = await db.conversation.findFirst({ where, select: { systemPrompt: true } });
  if (stored === null) throw new AppError("conversation_not_found");
  const isNew = systemPrompt.trim() !== "" && systemPrompt !== stored.systemPrompt;
  const words = [isNew ? systemPrompt : "", text].filter((part) => part !== "").join("\n\n");
  if (words === "") return requireNotStopped(db, visitorId);
  await moderation.admit({ surface: "chat_prompt", visitorId, text: words, images });
}
