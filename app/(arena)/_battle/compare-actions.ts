import { toApiError } from "@/app/_data/api-error";
import { problemOf } from "@/app/_data/problem";
import type { BattleView, Side } from "@/lib/protocol";
import { type ArenaState, type Chosen, knownModels, openBattle, type Prompt, unasked } from "./arena-state";
import type { ArenaStore } from "./arena-store";
import { battleApi } from "./battle-api";
import { otherSide } from "./sides";

type CompareOptions = {
  store: ArenaStore;
  /** Leaves the battle on the page. */
  reset: (change: Partial<ArenaState>) => void;
  /** Puts another state of the battle on the page. */
  put: (change: Partial<ArenaState>) => void;
  /** Sends a prompt of the former pair. */
  send: (prompt: Prompt) => void;
  onBattle: (id: string | null) => void;
  /** Aborted when the battle on the page is left. */
  left: () => AbortSignal;
};

/** What only a comparison can do: another model on a side, and the sides exchanged. */
export function createCompareActions({ store, reset, put, send, onBattle, left }: CompareOptions) {
  /**
   * Another model on one side. An answer belongs to the model that wrote it, so the new pair begins anew: both are asked
   * the same prompts, one after the other, and the former battle stays in the history as it is. What the former pair was itself still
   * to be asked comes after them.
   */
  async function choose(side: Side, model: string) {
    const { chosen, battle } = store.get();
    if (chosen === null || chosen[side] === model) return;
    const other = otherSide(side);
    if (chosen[other] === model) return swap();
    const next: Chosen = { ...chosen, [side]: model };
    const asked = battle?.turns.map((turn) => ({ text: turn.prompt, images: turn.images })) ?? [];
    const prompts = [...asked, ...unasked(store.get())];
    const former = openBattle(battle);
    if (former?.status === "running") void stopFormer(former.id);
    reset({ chosen: next });
    onBattle(null);
    const [first, ...rest] = prompts;
    if (first === undefined || first.text === "" || bothOf(next) === null) return;
    store.set({ replay: rest });
    send(first);
  }

  /** What nobody will read need not be written; if it cannot be stopped it ends by itself, unread. */
  async function stopFormer(id: string) {
    try {
      await battleApi.stop(id);
    } catch (error) {
      store.set({ problem: problemOf(toApiError(error), false) });
    }
  }

  /** The next prompt of the former pair, as soon as both sides have answered the one before. */
  function goOn() {
    const { replay, isReplayHeld, battle, outgoing, vote } = store.get();
    const [prompt, ...rest] = replay;
    if (prompt === undefined || isReplayHeld || outgoing !== null || vote.phase !== "none") return;
    if (openBattle(battle)?.status !== "ready") return;
    store.set({ replay: rest, outgoing: { kind: "turn", isReplayed: true, ...prompt } });
    send(prompt);
  }
  store.subscribe(goOn);

  /** Goes on with the prompts of the former pair where that was held up. */
  function resumeReplay() {
    const { replay, battle, outgoing: other } = store.get();
    const [prompt, ...rest] = replay;
    if (prompt === undefined || other !== null) return;
    if (battle === null) {
      const outgoing = { kind: "start", isReplayed: true, ...prompt } as const;
      store.set({ replay: rest, isReplayHeld: false, outgoing });
      send(prompt);
    } else store.set({ isReplayHeld: false });
  }

  /** Before the first prompt only the choice; afterwards the answers change sides with their models. */
  async function swap() {
    const { chosen, battle } = store.get();
    if (chosen === null) return;
    const open = openBattle(battle);
    if (battle === null) {
      store.set({ chosen: { a: chosen.b, b: chosen.a } });
      onBattle(null);
      return;
    }
    if (open === null || open.status === "running") return;
    const signal = left();
    try {
      const swapped = await battleApi.swap(open.id);
      if (!signal.aborted) put({ battle: swapped, ...chosenOf(store.get(), swapped), problem: null });
    } catch (error) {
      if (!signal.aborted) store.set({ problem: problemOf(toApiError(error), false) });
    }
  }

  return {
    choose,
    swap,
    resumeReplay,
    /** The former pair's prompts stay with its battle, in the history. */
    dropReplay: () => store.set({ replay: [], isReplayHeld: false, problem: null }),
  };
}

/** Null while one of the two is missing. */
export function bothOf({ a, b }: Chosen): { a: string; b: string } | null {
  return a === null || b === null ? null : { a, b };
}

/** What a prompt is sent to: the open battle, or the pair that is to begin one, chosen or to be drawn. */
export function placeOf({ battle, chosen }: Pick<ArenaState, "battle" | "chosen">): string {
  return openBattle(battle)?.id ?? JSON.stringify(chosen === null ? null : bothOf(chosen));
}

/** The choice follows the battle on the page, which may have been begun elsewhere. */
export function chosenOf({ chosen }: ArenaState, battle: BattleView): Partial<ArenaState> {
  const models = knownModels(battle);
  if (chosen === null || models === null) return {};
  return { chosen: { a: models.a.name, b: models.b.name } };
}
