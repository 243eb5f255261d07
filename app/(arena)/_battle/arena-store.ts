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
