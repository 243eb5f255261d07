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
      const kept = textToKeep(state);
      const next = textToKeep({ ...state, ...change });
      if (next !== kept) keptDraft.keepText(next);
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

/** A message on its way stays kept until the server has it: a check or a slow network may hold it, and the tab may be closed. */
function textToKeep({ draft, outgoing }: ChatState): string {
  const sent = outgoing?.kind === "message" ? outgoing.text : "";
  return [sent, draft].filter((text) => text !== "").join("\n\n");
}
