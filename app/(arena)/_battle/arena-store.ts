import { createDraftStore, type DraftStore } from "@/app/_data/draft-store";
import { createKeptDraft } from "@/app/_data/kept-draft";
import type { ArenaState } from "./arena-state";

export const keptDraft = createKeptDraft("draft");

export type ArenaStore = DraftStore<ArenaState>;

export function createArenaStore(initial: ArenaState): ArenaStore {
  return createDraftStore(initial, keptDraft, textToKeep);
}

/** A prompt on its way stays kept until the server has it: a check or a slow network may hold it, and the tab may be closed. */
function textToKeep({ draft, outgoing }: ArenaState): string {
  const sent = outgoing === null || outgoing.kind === "regenerate" ? "" : outgoing.text;
  return [sent, draft].filter((text) => text !== "").join("\n\n");
}
