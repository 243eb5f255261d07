import { requireNotStopped } from "@/lib/accounts";
import type { ChatDeps } from "./deps";

type Words = { text?: string; systemPrompt?: string; images?: readonly string[] };

/**
 * Lets through what a request adds to a conversation: its text with the images, and a system prompt that is not stored with it
 * yet. Errors: those of `Moderation.admit`.
 */
export async function admitWords(
  { db, moderation }: Pick<ChatDeps, "db" | "moderation">,
  visitorId: string,
  conversationId: string,
  { text = "", systemPrompt = "", images }: Words,
): Promise<void> {
  const words = [(await isNew()) ? systemPrompt : "", text].filter((part) => part !== "").join("\n\n");
  if (words === "") return requireNotStopped(db, visitorId);
  await moderation.admit({ surface: "chat_prompt", visitorId, text: words, images });

  async function isNew(): Promise<boolean> {
    if (systemPrompt.trim() === "") return false;
    const where = { id: conversationId, visitorId };
    const stored = await db.conversation.findFirst({ where, select: { systemPrompt: true } });
    return stored?.systemPrompt !== systemPrompt;
  }
}
