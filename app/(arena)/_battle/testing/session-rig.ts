import { afterEach, beforeEach, vi } from "vitest";
import { ApiError } from "@/app/_data/api-error";
import type { BlindBattle, ResponseView } from "@/lib/protocol";
import { type ArenaState, initialArenaState } from "../arena-state";
import { createArenaStore } from "../arena-store";
import { battleApi } from "../battle-api";
import { createBattleSession } from "../battle-session";

// For tests of what the session does: its calls and its stream are played by hand. To be imported before what it stands for.

vi.mock("../battle-api", () => ({
  battleApi: Object.fromEntries(
    ["get", "start", "continue", "regenerate", "stop", "retry", "swap", "vote"].map((name) => [
      name,
      vi.fn(),
    ]),
  ),
}));

/** The stream of events, played by hand. */
const stream = vi.hoisted(() => ({ attached: null as string | null, voted: (_id: string) => {} }));
vi.mock("../battle-connection", () => ({
  isFollowed: () => true,
  createBattleConnection: ({ onVoted }: { onVoted: (id: string) => void }) => {
    stream.voted = onVoted;
    return {
      attach: (id: string) => {
        stream.attached = id;
      },
      detach: () => {
        stream.attached = null;
      },
    };
  },
}));

export const api = vi.mocked(battleApi);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", { addEventListener: () => undefined, removeEventListener: () => undefined });
  stream.attached = null;
  for (const call of Object.values(api)) if (vi.isMockFunction(call)) call.mockReset();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

export const lostAnswer = () => Promise.reject(new ApiError("network"));
export const later = () => new Promise<never>(() => undefined);
export const typed = (text: string) => ({ text, images: [] });
export const image = (id: string) => ({ key: id, name: id, view: { id, width: 1, height: 1 } });

export const answer = (change: Partial<ResponseView> = {}): ResponseView => ({
  ...{ status: "finished", text: "x", isTruncated: false, failure: null },
  ...change,
});

/** A blind battle whose turns have these prompts; the last one's answers may differ. */
export function battle(prompts: readonly string[], last: Partial<ResponseView> = {}): BlindBattle {
  const turns = prompts.map((prompt, index) => {
    const side = () => answer(index === prompts.length - 1 ? last : {});
    return { id: `turn-${index}-${prompt}`, prompt, images: [], a: side(), b: side() };
  });
  const isRunning = last.status === "queued" || last.status === "writing";
  const createdAt = "2026-01-01T00:00:00Z";
  return { kind: "blind", id: "battle", status: isRunning ? "running" : "ready", createdAt, turns };
}
export const queued = { status: "queued", text: "" } as const;

/** What this tab has kept. */
export function keepsOverReloads(): Map<string, string> {
  const kept = new Map<string, string>();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
  return kept;
}

/** A page in this state. */
export function pageOf(state: Partial<ArenaState>) {
  const store = createArenaStore({ ...initialArenaState, ...state });
  const addresses: (string | null)[] = [];
  const session = createBattleSession(store, (id) => addresses.push(id));
  /** Lets everything happen that happens by itself within this time. */
  const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
  return { store, session, addresses, pass, composer: () => store.get().draft };
}

/** A page with this battle, or none. */
export const page = (battle: BlindBattle | null = null) => pageOf({ battle });

export { stream };
