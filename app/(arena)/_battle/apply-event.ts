import type { BattleEvent, BattleView, OpenBattle, ResponseView, Side, TurnView } from "@/lib/protocol";
import { emptyResponse, isActive } from "./sides";

export type Applied = {
  battle: BattleView | null;
  /** True where the events and what is on the page do not fit together: fetch the whole battle again. */
  isStale: boolean;
};

/**
 * The next state of a battle after one event. Pure, and the same battle object comes back where nothing changes.
 *
 * A stream may repeat what the page has (it re-attached) or lack a piece (it was dropped on the way): `delta.at` tells
 * which, so no character is lost or doubled.
 */
export function applyEvent(battle: BattleView | null, event: BattleEvent): Applied {
  if (event.type === "snapshot") return { battle: event.battle, isStale: false };
  // Without a snapshot there is nothing to change; after the reveal the texts are final.
  if (battle === null) return { battle, isStale: true };
  if (battle.kind === "revealed") return { battle, isStale: false };
  if (event.type === "voted") return { battle, isStale: true };

  const turn = battle.turns.find((candidate) => candidate.id === event.turnId);
  // A turn begun in another tab.
  if (turn === undefined) return { battle, isStale: true };

  switch (event.type) {
    case "ready":
      return { battle: battle.status === "ready" ? battle : { ...battle, status: "ready" }, isStale: false };
    case "done":
    case "failed":
      return { battle: settle(withResponse(battle, turn, event.side, event.response)), isStale: false };
    case "status": {
      const response = turn[event.side];
      if (response.status === event.status) return { battle, isStale: false };
      // A side that is tried again begins anew.
      const isRestart = isActive(event.status) && !isActive(response.status);
      const next = isRestart
        ? { ...emptyResponse, status: event.status }
        : { ...withoutLine(response), status: event.status };
      return { battle: settle(withResponse(battle, turn, event.side, next)), isStale: false };
    }
    case "queued": {
      const response = turn[event.side];
      if (response.status !== "queued" || response.ahead === event.ahead) return { battle, isStale: false };
      const next = { ...response, ahead: event.ahead };
      return { battle: withResponse(battle, turn, event.side, next), isStale: false };
    }
    case "delta":
      return applyDelta(battle, turn, event);
  }
}

function applyDelta(
  battle: OpenBattle,
  turn: TurnView,
  event: Extract<BattleEvent, { type: "delta" }>,
): Applied {
  const response = turn[event.side];
  // Late pieces of an answer that has ended: its `done` carried the whole text.
  if (!isActive(response.status)) return { battle, isStale: false };
  const known = response.text.length;
  if (event.at > known) return { battle, isStale: true };
  const fresh = event.text.slice(known - event.at);
  if (fresh === "" && response.status === "writing") return { battle, isStale: false };
  return {
    battle: withResponse(battle, turn, event.side, {
      ...withoutLine(response),
      status: "writing",
      text: response.text + fresh,
    }),
    isStale: false,
  };
}

function withResponse(battle: OpenBattle, turn: TurnView, side: Side, response: ResponseView): OpenBattle {
  return {
    ...battle,
    turns: battle.turns.map((candidate) => (candidate === turn ? { ...turn, [side]: response } : candidate)),
  };
}

/** Running and blocked follow from the last turn; only the server's `ready` opens the vote. */
function settle(battle: OpenBattle): OpenBattle {
  const turn = battle.turns.at(-1);
  if (turn === undefined) return battle;
  const hasEnded = !isActive(turn.a.status) && !isActive(turn.b.status);
  const hasFailed = turn.a.status === "failed" || turn.b.status === "failed";
  const status =
    hasEnded && hasFailed ? "blocked" : hasEnded && battle.status === "ready" ? "ready" : "running";
  return battle.status === status ? battle : { ...battle, status };
}

/** What writes waits in no line. */
function withoutLine({ ahead: _, ...response }: ResponseView): ResponseView {
  return response;
}
