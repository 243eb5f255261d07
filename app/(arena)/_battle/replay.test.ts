import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "@/app/_data/api-error";
import type { NamedBattle, ResponseView } from "@/lib/protocol";
import { initialArenaState } from "./arena-state";
import { createArenaStore } from "./arena-store";
import { battleApi } from "./battle-api";
import { createBattleSession } from "./battle-session";

vi.mock("./battle-api");
vi.mock("./battle-connection", () => ({
  isFollowed: () => true,
  createBattleConnection: () => ({ attach: () => undefined, detach: () => undefined }),
}));
const api = vi.mocked(battleApi);

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("window", { addEventListener: () => undefined, removeEventListener: () => undefined });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.resetAllMocks();
});

const finished: ResponseView = { status: "finished", text: "x", isTruncated: false, failure: null };
const modelOf = (name: string) => ({ name, displayName: name }) as NamedBattle["models"]["a"];

/** A comparison whose turns have these prompts, all of them answered. */
function battle(id: string, models: [string, string], prompts: readonly string[]): NamedBattle {
  const turns = prompts.map((prompt) => ({
    id: `${id}-${prompt}`,
    prompt,
    images: [],
    a: finished,
    b: finished,
  }));
  const [a, b] = models;
  const createdAt = "2026-01-01T00:00:00Z";
  return {
    ...{ kind: "named", id, status: "ready", createdAt, turns },
    models: { a: modelOf(a), b: modelOf(b) },
  } as NamedBattle;
}

/** A comparison of three turns, in which the right model is then changed. */
function changing() {
  const former = battle("former", ["heron", "stork"], ["one", "two", "three"]);
  const store = createArenaStore({
    ...initialArenaState,
    ...{ battle: former, chosen: { a: "heron", b: "stork" }, draft: "for later" },
  });
  const session = createBattleSession(store, () => undefined);
  const change = async () => {
    await session.choose("b", "kite");
    await vi.advanceTimersByTimeAsync(0);
  };
  const asked = () => [
    ...api.start.mock.calls.map(([{ prompt }]) => prompt),
    ...api.continue.mock.calls.map(([, { prompt }]) => prompt),
  ];
  const kept = () => store.get().replay.map(({ text }) => text);
  return { store, session, change, asked, kept };
}
const next = (...prompts: string[]) => battle("next", ["heron", "kite"], prompts);
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const noModel = new ApiError("no_worker_available", { retryAfterSeconds: 1 });

describe("the prompts of a former pair", () => {
  it("wait together while no model is free, and all go out when one is", async () => {
    const { store, change, asked, kept } = changing();
    api.start.mockRejectedValueOnce(noModel).mockResolvedValueOnce(next("one"));
    api.continue.mockResolvedValueOnce(next("one", "two")).mockRejectedValueOnce(noModel);
    api.continue.mockResolvedValueOnce(next("one", "two", "three"));
    await change();
    expect(store.get()).toMatchObject({ waiting: true, draft: "for later" });
    expect(kept()).toEqual(["one", "two", "three"]);
    await pass(10_000);
    expect(asked()).toEqual(["one", "one", "two", "three", "three"]);
    expect(store.get()).toMatchObject({
      waiting: false,
      isReplayHeld: false,
      replay: [],
      draft: "for later",
    });
  });

  it("are kept where one of them does not go out, and go on at a word", async () => {
    const { store, session, change, asked, kept } = changing();
    api.start.mockResolvedValueOnce(next("one"));
    api.continue.mockRejectedValueOnce(new ApiError("database_unavailable"));
    await change();
    // None of it is in the composer.
    const problem = { code: "database_unavailable", isTextKept: false };
    expect(store.get()).toMatchObject({ isReplayHeld: true, problem });
    expect(kept()).toEqual(["two", "three"]);
    expect(store.get().draft).toBe("for later");
    api.continue.mockResolvedValueOnce(next("one", "two")).mockResolvedValueOnce(next("one", "two", "three"));
    session.resumeReplay();
    await pass(0);
    expect(asked()).toEqual(["one", "two", "two", "three"]);
    expect(store.get()).toMatchObject({ isReplayHeld: false, replay: [], problem: null });
  });

  it("can be begun again where not even the first went out, and left", async () => {
    const { store, session, change, asked, kept } = changing();
    api.start.mockRejectedValueOnce(new ApiError("database_unavailable"));
    await change();
    expect(kept()).toEqual(["one", "two", "three"]);
    api.start.mockResolvedValueOnce(next("one"));
    api.continue.mockRejectedValueOnce(new ApiError("internal"));
    session.resumeReplay();
    await pass(0);
    expect(asked()).toEqual(["one", "one", "two"]);
    session.dropReplay();
    expect(store.get()).toMatchObject({ isReplayHeld: false, replay: [], problem: null });
  });

  it("stay where the wait for a model is cancelled, and end with Stop", async () => {
    const { store, session, change, kept } = changing();
    api.start.mockRejectedValue(noModel);
    await change();
    session.cancelWaiting();
    expect(store.get()).toMatchObject({ waiting: false, isReplayHeld: true });
    expect(kept()).toEqual(["one", "two", "three"]);
    session.resumeReplay();
    await pass(0);
    expect(store.get().waiting).toBe(true);
    await session.stop();
    expect(store.get()).toMatchObject({ waiting: false, isReplayHeld: false, replay: [] });
  });
});
