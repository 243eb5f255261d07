import { createDraftStore, type DraftStore } from "@/app/_data/draft-store";
import { createKeptDraft } from "@/app/_data/kept-draft";
import type { ArenaState } from "./arena-state";

export const keptDraft = createKeptDraft("draft");

export type ArenaStore = DraftStore<ArenaState>;

export function createArenaStore(initial: ArenaState): ArenaStore {
  return createDraftStore(initial, keptDraft);
}
