import { createDraftStore, type DraftStore } from "@/app/_data/draft-store";
import { createKeptDraft } from "@/app/_data/kept-draft";
import { type ChatState, initialChatState } from "./chat-state";

export const keptDraft = createKeptDraft("chat-draft");

export type ChatStore = DraftStore<ChatState>;

export function createChatStore(): ChatStore {
  return createDraftStore(initialChatState, keptDraft, textToKeep);
}

/**
 * A message on its way stays kept until the server has it: a check or a slow network may hold it, and the tab may be closed. So
 * does one whose conversation was left.
 */
function textToKeep({ draft, outgoing, left }: ChatState): string {
  const sent = outgoing?.kind === "message" ? outgoing.text : "";
  return [...left.map(({ message }) => message.text), sent, draft].filter((text) => text !== "").join("\n\n");
}
