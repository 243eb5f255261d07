import { createKeptDraft } from "@/app/_data/kept-draft";
import { type ChatState, initialChatState } from "./chat-state";

export const keptDraft = createKeptDraft("chat-draft");

export type ChatStore = {
  get: () => ChatState;
  set: (change: Partial<ChatState>) => void;
  subscribe: (listener: () => void) => () => void;
};

export function createChatStore(): ChatStore {
  let state = initialChatState;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    set(change) {
      if (change.draft !== undefined && change.draft !== state.draft) keptDraft.keepText(change.draft);
      if (change.images !== undefined && change.images !== state.images) keptDraft.keepImages(change.images);
      state = { ...state, ...change };
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
