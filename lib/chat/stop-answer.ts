import type { ConversationView } from "@/lib/protocol";
import type { ChatDeps } from "./deps";

/**
 * Stops the answer that is being written; its text stays. Stopping what has ended already is no error; what another server writes
 * ends a moment later. Errors: `conversation_not_found`.
 */
export async function stopAnswer(
  { live }: ChatDeps,
  visitorId: string,
  conversationId: string,
): Promise<ConversationView> {
  const conversation = await live.refresh(conversationId, visitorId);
  await conversation.stop();
  if (conversation.isWrittenElsewhere) live.stopElsewhere(conversationId);
  return live.view(conversationId, visitorId);
}
