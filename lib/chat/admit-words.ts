import { requireNotStopped } from "@/lib/accounts";
import type { ChatDeps } from "./deps";
import { newSystemPrompt } from "./new-system-prompt";

type Words = { text?: string; systemPrompt?: string; images?: readonly string[] };

/**
 * Lets through what a request for an answer adds to a conversation: its text with the images, and a system prompt that is not
 * stored with it yet. Errors: `conversation_not_found`; those of `Moderation.admit`.
 */
export async function admitWords(
  { db, moderation }: Pick<ChatDeps, "db" | "moderation">,
  visitorId: string,
  conversationId: string,
  { text = "", systemPrompt, images }: Words,
): Promise<void> {
  // Before the moderators, who read for those alone whose conversation it is.
  const added = await newSystemPrompt(db, visitorId, conversationId, systemPrompt);
  const words = [added, text].filter((part) => part !== "").join("\n\n");
  if (words === "") return requireNotStopped(db, visitorId);
  await moderation.admit({ surface: "chat_prompt", visitorId, text: words, images });
}
