import { isJudgeable } from "@/lib/judgeable";
import type { Side, StoppedBy } from "@/lib/protocol";
import { type ArenaState, shownTurns } from "./arena-state";
import { isActive, otherSide, sideName, sides } from "./sides";

/** Where the vote bar and everything around it stands. */
export type Stage =
  | { name: "empty" }
  | { name: "running"; finished: Side | null }
  | { name: "blocked"; failed: readonly Side[] }
  | { name: "open"; stoppedBy: Stopper | null; canVote: boolean }
  | { name: "revealed" };

/** Who ended an answer before its end; null in a stage: nobody. */
type Stopper = "visitor" | StoppedBy;

/** Derived from the state alone, so that hint, placeholder, announcements and vote bar cannot disagree. */
export function stageOf(state: ArenaState): Stage {
  const turn = shownTurns(state).at(-1);
  if (turn === undefined) return { name: "empty" };
  if (state.battle?.kind === "revealed") return { name: "revealed" };
  const active = sides.filter((side) => isActive(turn[side].status));
  const failed = sides.filter((side) => turn[side].status === "failed");
  if (active.length === 0 && failed.length > 0) return { name: "blocked", failed };
  const isOpen = active.length === 0 && state.battle?.status === "ready" && state.outgoing === null;
  if (isOpen) {
    const stopped = sides.map((side) => turn[side]).find(({ status }) => status === "stopped");
    const stoppedBy = stopped === undefined ? null : (stopped.stoppedBy ?? "visitor");
    return { name: "open", stoppedBy, canVote: isJudgeable(turn) };
  }
  const ended = sides.filter((side) => !isActive(turn[side].status) && turn[side].status !== "failed");
  return { name: "running", finished: active.length === 1 ? (ended[0] ?? null) : null };
}

export type Message = { key: string; values: Record<string, string> };

/** What the polite status region says; it speaks whenever this changes. A key below `arena.announce`. */
export function announcementOf(state: ArenaState): Message | null {
  const stage = stageOf(state);
  const turn = shownTurns(state).at(-1);
  if (turn === undefined) return null;
  const failed = sides.find((side) => turn[side].status === "failed");
  if (failed !== undefined && stage.name !== "revealed") {
    return { key: "sideFailed", values: { side: sideName(failed) } };
  }
  if (stage.name === "running") {
    if (stage.finished === null) return { key: "writing", values: {} };
    return {
      key: "oneFinished",
      values: { done: sideName(stage.finished), other: sideName(otherSide(stage.finished)) },
    };
  }
  if (stage.name === "open") return { key: openKey(stage, "voteOpen"), values: {} };
  return null;
}

const stoppedKeys = {
  visitor: "stopped",
  absence: "stoppedAbsence",
  server: "stoppedServer",
} as const satisfies Record<Stopper, string>;

/** What is to be said of answers that have ended; `whole`: where nothing has to be said of them. */
function openKey({ canVote, stoppedBy }: Extract<Stage, { name: "open" }>, whole: string): string {
  if (!canVote) return "silent";
  return stoppedBy === null ? whole : stoppedKeys[stoppedBy];
}

/** The line under the composer. A key below `arena.hint`. */
export function hintOf(stage: Stage, isLastTurn: boolean): Message | null {
  switch (stage.name) {
    case "running":
      if (stage.finished === null) return { key: "waiting", values: {} };
      return {
        key: "waitingOne",
        values: { done: sideName(stage.finished), other: sideName(otherSide(stage.finished)) },
      };
    case "blocked": {
      const [first, second] = stage.failed;
      if (first === undefined) return null;
      return second === undefined
        ? { key: "failed", values: { side: sideName(first) } }
        : { key: "bothFailed", values: {} };
    }
    case "open":
      return { key: openKey(stage, isLastTurn ? "turnLimit" : "open"), values: {} };
    default:
      return null;
  }
}
