import type { AssistantMessage, ChatEvent, ConversationView } from "@/lib/protocol";
import { isActive } from "./chat-state";

export type Applied = {
  next: ConversationView | null;
  /** True where the events and what is on the page do not fit together: fetch the whole conversation again. */
  isStale: boolean;
};

/**
 * The next state of a conversation after one event. Pure, and the same object comes back where nothing changes. A stream may
 * repeat what the page has (it re-attached) or lack a piece (it was dropped on the way): `delta.at` tells which, so no
 * character is lost or doubled.
 */
export function applyEvent(conversation: ConversationView | null, event: ChatEvent): Applied {
  if (event.type === "snapshot") return { next: event.conversation, isStale: false };
  if (event.type === "deleted") return { next: conversation, isStale: false };
  if (conversation === null) return { next: conversation, isStale: true };
  const messageId = event.type === "done" ? event.message.id : event.messageId;
  const message = conversation.messages.find(({ id }) => id === messageId);
  // Begun in another tab.
  if (message?.role !== "assistant") return { next: conversation, isStale: true };
  const same = { next: conversation, isStale: false };

  switch (event.type) {
    case "done":
      return { next: withMessage(conversation, event.message), isStale: false };
    case "status":
      if (message.status === event.status || !isActive(message)) return same;
      return { next: withMessage(conversation, { ...message, status: event.status }), isStale: false };
    case "delta": {
      // Late pieces of an answer that has ended: its `done` carried the whole text.
      if (!isActive(message)) return same;
      const known = message.text.length;
      if (event.at > known) return { next: conversation, isStale: true };
      const fresh = event.text.slice(known - event.at);
      if (fresh === "" && message.status === "writing") return same;
      const next = { ...message, status: "writing", text: message.text + fresh } as const;
      return { next: withMessage(conversation, next), isStale: false };
    }
  }
}

function withMessage(conversation: ConversationView, message: AssistantMessage): ConversationView {
  const messages = conversation.messages.map((candidate) =>
    candidate.id === message.id ? message : candidate,
  );
  return { ...conversation, messages };
}
