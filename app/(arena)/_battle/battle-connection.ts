import type { ApiError } from "@/app/_data/api-error";
import { createEventConnection, type EventConnection } from "@/app/_data/event-connection";
import type { BattleEvent, BattleView, OpenBattle } from "@/lib/protocol";
import { applyEvent } from "./apply-event";
import { openBattle } from "./arena-state";
import type { ArenaStore } from "./arena-store";
import { battleApi } from "./battle-api";
import { parseBattleEvent } from "./parse-event";

type ConnectionOptions = {
  store: ArenaStore;
  /** The vote was cast, perhaps in another tab. */
  onVoted: (battleId: string) => void;
  /** The server refuses the stream for good. */
  onRefused: (error: ApiError) => void;
};

/**
 * Whether the battle's events are read: while it is answered, and while its visitor looks at it, because it may go on, or get
 * its vote, in another window. A hidden page holds no connection for that: browsers have six for a whole site.
 */
export function isFollowed(battle: OpenBattle | null): boolean {
  if (battle === null) return false;
  return battle.status === "running" || document.visibilityState === "visible";
}

export function createBattleConnection({ store, onVoted, onRefused }: ConnectionOptions): EventConnection {
  return createEventConnection<BattleView | null, BattleEvent>({
    pathOf: battleApi.eventsPath,
    parse: parseBattleEvent,
    read: () => store.get().battle,
    write: (battle) => store.set({ battle }),
    apply: (battle, event) => {
      const applied = applyEvent(battle, event);
      return { next: applied.battle, isStale: applied.isStale };
    },
    isRunning: (battle) => isFollowed(openBattle(battle)),
    onConnection: (connection) => {
      if (store.get().connection !== connection) store.set({ connection });
    },
    onEvent: (battleId, event) => {
      if (event.type !== "voted") return false;
      onVoted(battleId);
      return true;
    },
    refusals: ["battle_not_found", "forbidden"],
    onRefused,
  });
}
