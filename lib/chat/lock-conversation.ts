import type { Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { failLostAnswers } from "./answer-store";
import { type ConversationRow, conversationInclude, isRunning } from "./dto";

/**
 * Locks a conversation's row for the rest of the transaction, so that messages of one conversation come one after another,
 * whatever process or tab they come from. Errors: `conversation_not_found`, also for another visitor's and for one that is
 * deleted.
 */
export async function lockConversation(
  tx: Prisma.TransactionClient,
  conversationId: string,
  visitorId: string,
): Promise<ConversationRow> {
  const locked = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM conversations
    WHERE id = ${conversationId}::uuid AND visitor_id = ${visitorId}::uuid AND deleted_at IS NULL FOR NO KEY UPDATE`;
  if (locked.length === 0) throw new AppError("conversation_not_found");
  await failLostAnswers(tx, conversationId);
  return tx.conversation.findUniqueOrThrow({ where: { id: conversationId }, include: conversationInclude });
}

/** Errors: `conversation_busy` while an answer is being written. */
export function requireQuiet(conversation: ConversationRow): void {
  if (conversation.messages.some(({ status }) => isRunning(status))) throw new AppError("conversation_busy");
}
