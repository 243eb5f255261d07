import { ApiError, toApiError } from "@/app/_data/api-error";
import { backoffMs, waitToReconnect } from "@/app/_data/backoff";
import { errorOf } from "@/app/_data/call-api";
import { readSse } from "@/app/_data/read-sse";
import type { BattleEvent, BattleView } from "@/lib/protocol";
import { applyEvent } from "./apply-event";
import type { ArenaStore } from "./arena-store";
import { battleApi } from "./battle-api";
import { parseBattleEvent } from "./parse-event";

const hiddenFlushMs = 250;

/** The stream did not fit what is on the page: attach again, its snapshot mends everything. */
class GapError extends Error {}

export type BattleConnection = {
  /** Reads the events of a battle until it stops running; attaches again by itself when the connection drops. */
  attach: (battleId: string) => void;
  detach: () => void;
};

type ConnectionOptions = {
  store: ArenaStore;
  /** The vote was cast, perhaps in another tab. */
  onVoted: (battleId: string) => void;
  /** The server refuses the stream for good. */
  onRefused: (error: ApiError) => void;
};

export function createBattleConnection({ store, onVoted, onRefused }: ConnectionOptions): BattleConnection {
  let current: AbortController | null = null;

  function detach() {
    current?.abort();
    current = null;
    store.set({ connection: "closed" });
  }

  function attach(battleId: string) {
    detach();
    const controller = new AbortController();
    current = controller;
    void keepReading(battleId, controller.signal);
  }

  async function keepReading(battleId: string, signal: AbortSignal) {
    let attempt = 0;
    while (!signal.aborted) {
      try {
        await readOnce(battleId, signal, () => {
          attempt = 0;
        });
        if (signal.aborted || !isRunning(store.get().battle)) break;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof GapError && attempt === 0) {
          attempt += 1;
          continue;
        }
        const refused = toApiError(error);
        if (refused.code === "battle_not_found" || refused.code === "forbidden") {
          store.set({ connection: "closed" });
          onRefused(refused);
          return;
        }
      }
      store.set({ connection: "reconnecting" });
      await waitToReconnect(backoffMs(attempt, Math.random), signal);
      attempt += 1;
    }
    if (!signal.aborted) store.set({ connection: "closed" });
  }

  async function readOnce(battleId: string, signal: AbortSignal, onProgress: () => void) {
    const response = await fetch(battleApi.eventsPath(battleId), {
      headers: { accept: "text/event-stream" },
      cache: "no-store",
      signal,
    });
    if (!response.ok) throw await errorOf(response);
    if (response.body === null) throw new ApiError("unexpected");
    const frame = createFrame(store, () => signal.aborted);
    try {
      for await (const message of readSse(response.body)) {
        if (signal.aborted) return;
        const event = parseBattleEvent(message);
        if (event.type === "voted") return onVoted(battleId);
        if (event.type !== "snapshot") onProgress();
        frame.push(event);
        if (frame.isStale()) throw new GapError();
        if (event.type === "delta" || event.type === "status") continue;
        frame.flush();
        if (store.get().connection !== "open") store.set({ connection: "open" });
        if (!isRunning(store.get().battle)) return;
      }
    } finally {
      frame.flush();
    }
  }

  return { attach, detach };
}

function isRunning(battle: BattleView | null): boolean {
  return battle?.kind === "blind" && battle.status === "running";
}

/** Gathers events and shows them once an animation frame: two fast streams then cost one render each 16 ms. */
function createFrame(store: ArenaStore, isOver: () => boolean) {
  let battle = store.get().battle;
  let isStale = false;
  let cancel: (() => void) | null = null;

  function flush() {
    cancel?.();
    cancel = null;
    if (!isOver() && battle !== store.get().battle) store.set({ battle });
  }

  return {
    flush,
    isStale: () => isStale,
    push(event: BattleEvent) {
      const next = applyEvent(battle, event);
      isStale ||= next.isStale;
      if (next.battle === battle) return;
      battle = next.battle;
      cancel ??= schedule(() => {
        cancel = null;
        flush();
      });
    },
  };
}

/** A hidden tab has no animation frames. */
function schedule(task: () => void): () => void {
  if (document.visibilityState === "hidden") {
    const timer = setTimeout(task, hiddenFlushMs);
    return () => clearTimeout(timer);
  }
  const handle = requestAnimationFrame(task);
  return () => cancelAnimationFrame(handle);
}
