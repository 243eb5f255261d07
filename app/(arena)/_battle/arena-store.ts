import { createKeptDraft } from "@/app/_data/kept-draft";
import type { ArenaState } from "./arena-state";

export const keptDraft = createKeptDraft("draft");

export type ArenaStore = {
  get: () => ArenaState;
  set: (change: Partial<ArenaState>) => void;
  subscribe: (listener: () => void) => () => void;
};

export function createArenaStore(initial: ArenaState): ArenaStore {
  let state = initial;
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

/** A prompt on its way stays kept until the server has it: a check or a slow network may hold it, and the tab may be closed. */
function textToKeep({ draft, outgoing }: ArenaState): string {
  const sent = outgoing === null || outgoing.kind === "regenerate" ? "" : outgoing.text;
  return [sent, draft].filter((text) => text !== "").join("\n\n");
}
