import type { DraftImage } from "@/app/_components/images/draft-image";
import type { KeptDraft } from "./kept-draft";

/** The state of a page with a composer, for `useSyncExternalStore` and for what changes it from outside of React. */
export type DraftStore<State> = {
  get: () => State;
  set: (change: Partial<State>) => void;
  subscribe: (listener: () => void) => () => void;
};

/** What is typed, and its images, are kept in `kept`, too. `textToKeep`: the text of a state that must survive a reload. */
export function createDraftStore<State extends { draft: string; images: readonly DraftImage[] }>(
  initial: State,
  kept: KeptDraft,
  textToKeep: (state: State) => string = ({ draft }) => draft,
): DraftStore<State> {
  let state = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => state,
    set(change) {
      const text = textToKeep({ ...state, ...change });
      if (text !== textToKeep(state)) kept.keepText(text);
      if (change.images !== undefined && change.images !== state.images) kept.keepImages(change.images);
      state = { ...state, ...change };
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
