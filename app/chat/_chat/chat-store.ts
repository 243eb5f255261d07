import { createDraftStore, type DraftStore } from "@/app/_data/draft-store";
import { createKeptDraft } from "@/app/_data/kept-draft";
import { type ChatState, initialChatState } from "./chat-state";

export const keptDraft = createKeptDraft("chat-draft");

export type ChatStore = DraftStore<ChatState>;

export function createChatStore(): ChatStore {
  return createDraftStore(initialChatState, keptDraft);
}
