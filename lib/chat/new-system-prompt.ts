import { AppError } from "@/lib/errors";
import type { ChatDeps } from "./deps";

/**
 * The system prompt of a request where its conversation does not have it yet, else "": one that is stored was let through then,
 * so that a page which sends all its settings each time costs nothing. Errors: `conversation_not_found`.
 */
export async function newSystemPrompt(
  db: ChatDeps["db"],
  visitorId: string,
  conversationId: string,
  systemPrompt = "",
): Promise<string> {
  const where = { id: conversationId, visitorId, deletedAt: null };
  const stored = await db.conversation.findFirst({ where, select: { systemPrompt: true } });
  if (stored === null) throw new AppError("conversation_not_found");
  return systemPrompt.trim() === "" || stored.systemPrompt === systemPrompt ? "" : systemPrompt;
}
