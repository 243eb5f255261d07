import type { ApiError } from "@/app/_data/api-error";
import { createEventConnection, type EventConnection } from "@/app/_data/event-connection";
import type { BattleEvent, BattleView } from "@/lib/protocol";
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
    isRunning: (battle) => openBattle(battle)?.status === "running",
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
