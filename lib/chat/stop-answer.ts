import type { ConversationView } from "@/lib/protocol";
import type { ChatDeps } from "./deps";

/**
 * Stops the answer that is being written; its text stays. Stopping what has ended already is no error. Errors:
 * `conversation_not_found`.
 */
export async function stopAnswer(
  { live }: ChatDeps,
  visitorId: string,
  conversationId: string,
): Promise<ConversationView> {
  const conversation = await live.refresh(conversationId, visitorId);
  await conversation.stop();
  return live.view(conversationId, visitorId);
}
