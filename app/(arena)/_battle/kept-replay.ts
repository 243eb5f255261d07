import { z } from "zod";
import { keepText, readKeptJson } from "@/app/_data/kept-text";
import { type ArenaState, unasked } from "./arena-state";
import { type ArenaStore, keptReplayKey } from "./arena-store";
import { placeOf } from "./compare-actions";
import { keptPromptSchema } from "./kept-prompt";

const keptReplaySchema = z.object({
  /** The battle that they are for, or the pair that is to begin one; see `placeOf`. */
  place: z.string(),
  prompts: z.array(keptPromptSchema).min(1),
});

/**
 * The prompts that a new pair is still to be asked, over a reload of this tab. Then they wait for the visitor's word: nothing is
 * asked because a page was loaded. What ends on the page is forgotten; what is only left is kept until another battle begins.
 */
export function createKeptReplay(store: ArenaStore) {
  let known = partsOf(store.get());
  /** What is kept is on the page. */
  let isShown = false;

  function keep() {
    const state = store.get();
    const parts = partsOf(state);
    const hasChanged = parts.some((part, index) => part !== known[index]);
    known = parts;
    if (!hasChanged) return;
    const prompts = unasked(state);
    if (prompts.length > 0) {
      keepText(keptReplayKey, JSON.stringify({ place: placeOf(state), prompts }));
      isShown = true;
    } else if (isShown || state.outgoing?.kind === "start") forget();
  }
  store.subscribe(keep);

  function forget() {
    isShown = false;
    keepText(keptReplayKey, "");
  }

  return {
    /** What is kept for this battle, or for the pair where there is none yet, as the page is to offer it. */
    offered(state: Pick<ArenaState, "battle" | "chosen">): Partial<ArenaState> {
      if (state.battle?.kind === "revealed") return {};
      const kept = readKeptJson(keptReplayKey, keptReplaySchema);
      if (kept === null || kept.place !== placeOf(state)) return {};
      return { replay: kept.prompts, isReplayHeld: true };
    },
    /** The page goes to another battle, or to none; the visitor may come back to this one. */
    leave: () => {
      isShown = false;
    },
    forget,
  };
}

/** What decides over what is kept. The answers do not, which change with every frame. */
function partsOf({ replay, outgoing, chosen, battle }: ArenaState) {
  return [replay, outgoing, chosen, battle?.id, battle?.kind];
}
