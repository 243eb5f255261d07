import { createDraftStore, type DraftStore } from "@/app/_data/draft-store";
import { createKeptDraft } from "@/app/_data/kept-draft";
import type { ArenaState } from "./arena-state";
import { lastTurn } from "./sides";

export const keptDraft = createKeptDraft("draft");
/** Under which the prompts that a new pair is still to be asked are kept, see kept-replay.ts. */
export const keptReplayKey = "compare-replay";

export type ArenaStore = DraftStore<ArenaState>;

export function createArenaStore(initial: ArenaState): ArenaStore {
  return createDraftStore(initial, keptDraft, textToKeep);
}

/** A prompt on its way stays kept until the server has it: a check or a slow network may hold it, and the tab may be closed. */
function textToKeep({ draft, outgoing, battle }: ArenaState): string {
  // A prompt that is asked again as it was stands in its battle.
  const isKnown = outgoing?.kind === "regenerate" && outgoing.text === lastTurn(battle)?.prompt;
  // One that a new pair is asked anew is kept with those after it.
  const sent = outgoing === null || outgoing.isReplayed === true || isKnown ? "" : outgoing.text;
  return [sent, draft].filter((text) => text !== "").join("\n\n");
}
