import type { ArenaState } from "./arena-state";

const draftKey = "draft";

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
      if (change.draft !== undefined && change.draft !== state.draft) keepDraft(change.draft);
      state = { ...state, ...change };
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** What was typed survives a reload of this tab. */
export function readKeptDraft(): string {
  try {
    return sessionStorage.getItem(draftKey) ?? "";
  } catch {
    return "";
  }
}

function keepDraft(draft: string): void {
  try {
    if (draft === "") sessionStorage.removeItem(draftKey);
    else sessionStorage.setItem(draftKey, draft);
  } catch {
    // Storage is forbidden or full: the draft then lives as long as the page.
  }
}
