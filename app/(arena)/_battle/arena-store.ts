import { createDraftStore, type DraftStore } from "@/app/_data/draft-store";
import { createKeptDraft } from "@/app/_data/kept-draft";
import type { ArenaState } from "./arena-state";
import { lastTurn } from "./sides";

export const keptDraft = createKeptDraft("draft");

export type ArenaStore = DraftStore<ArenaState>;

export function createArenaStore(initial: ArenaState): ArenaStore {
  return createDraftStore(initial, keptDraft, textToKeep);
}

/** A prompt on its way stays kept until the server has it: a check or a slow network may hold it, and the tab may be closed. */
function textToKeep({ draft, outgoing, battle }: ArenaState): string {
  // A prompt that is asked again as it was stands in its battle.
  const isKnown = outgoing?.kind === "regenerate" && outgoing.text === lastTurn(battle)?.prompt;
  const sent = outgoing === null || isKnown ? "" : outgoing.text;
  return [sent, draft].filter((text) => text !== "").join("\n\n");
}
