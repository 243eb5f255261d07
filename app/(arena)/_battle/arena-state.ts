import type { DraftImage } from "@/app/_components/images/draft-image";
import type { Problem } from "@/app/_data/problem";
import type { BattleView, ImageView, ModelView, OpenBattle, Outcome, Side, TurnView } from "@/lib/protocol";
import { emptyResponse } from "./sides";

/** The vote on its way: saved only when the server has said so. */
export type VoteState =
  | { phase: "none" }
  | { phase: "saving" | "saved"; outcome: Outcome }
  | { phase: "failed"; outcome: Outcome; problem: Problem };

/** Names of the chosen models; null where none is chosen yet. */
export type Chosen = Record<Side, string | null>;

/** What both models are asked. */
export type Prompt = { text: string; images: readonly ImageView[] };

export type ArenaState = {
  /** The two models of a comparison; null on the page of blind battles. */
  chosen: Chosen | null;
  /** Prompts that a new pair is still to be asked, in order: those of the pair before it. */
  replay: readonly Prompt[];
  /** They wait for the visitor's word: the first of them did not go out, or waits for a free model. */
  isReplayHeld: boolean;
  /** What stands in the composer. */
  draft: string;
  /** Images that go with it. */
  images: readonly DraftImage[];
  battle: BattleView | null;
  /** A battle of this id is being fetched, and nothing of it is here yet. */
  restoring: string | null;
  /** A prompt that the server has not answered yet; shown at once. `isReplayed`: one that a new pair is asked anew. */
  outgoing: ({ kind: "start" | "turn" | "regenerate"; isReplayed?: boolean } & Prompt) | null;
  /** A prompt that waits for a free model; it stands in the composer meanwhile. */
  waiting: boolean;
  vote: VoteState;
  isStopping: boolean;
  /** Sides whose retry the server has not answered yet. */
  retrying: readonly Side[];
  problem: Problem | null;
  connection: "closed" | "open" | "reconnecting";
};

export const initialArenaState: ArenaState = {
  chosen: null,
  replay: [],
  isReplayHeld: false,
  draft: "",
  images: [],
  battle: null,
  restoring: null,
  outgoing: null,
  waiting: false,
  vote: { phase: "none" },
  isStopping: false,
  retrying: [],
  problem: null,
  connection: "closed",
};

const outgoingTurnId = "outgoing";

/** The turns as the page shows them: with the prompt that is on its way, and with retried sides emptied. */
export function shownTurns(state: ArenaState): readonly TurnView[] {
  const turns = state.battle?.turns ?? [];
  const { outgoing, retrying } = state;
  if (outgoing !== null) {
    const next = {
      id: outgoingTurnId,
      prompt: outgoing.text,
      images: [...outgoing.images],
      a: emptyResponse,
      b: emptyResponse,
    };
    if (outgoing.kind === "start") return [next];
    return outgoing.kind === "turn" ? [...turns, next] : [...turns.slice(0, -1), next];
  }
  const last = turns.at(-1);
  if (retrying.length === 0 || last === undefined) return turns;
  const changed = Object.fromEntries(retrying.map((side) => [side, emptyResponse]));
  return [...turns.slice(0, -1), { ...last, ...changed }];
}

/** What a new pair is still to be asked, with what the server has not answered yet; nothing after the vote. */
export function unasked({ battle, outgoing, replay }: ArenaState): readonly Prompt[] {
  if (battle?.kind === "revealed") return [];
  if (outgoing?.isReplayed !== true) return replay;
  return [{ text: outgoing.text, images: outgoing.images }, ...replay];
}

/** True between the first prompt and a new battle. */
export function isInBattle(state: ArenaState): boolean {
  return state.battle !== null || state.outgoing !== null || state.restoring !== null;
}

/** The battle before its vote, blind or named. */
export function openBattle(battle: BattleView | null): OpenBattle | null {
  return battle === null || battle.kind === "revealed" ? null : battle;
}

/** The two models, where the visitor may know them. */
export function knownModels(battle: BattleView | null): Record<Side, ModelView> | null {
  if (battle === null || battle.kind === "blind") return null;
  return battle.kind === "named" ? battle.models : { a: battle.sides.a.model, b: battle.sides.b.model };
}
