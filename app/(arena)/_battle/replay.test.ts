import { describe, expect, it, vi } from "vitest";
import { ApiError } from "@/app/_data/api-error";
import type { NamedBattle } from "@/lib/protocol";
import { answer, api, keepsOverReloads, pageOf } from "./testing/session-rig";

const modelOf = (name: string) => ({ name, displayName: name }) as NamedBattle["models"]["a"];

const sketch = { id: "sketch", width: 4, height: 3 };

/** A comparison whose turns have these prompts, all of them answered; an image goes with those that speak of it. */
function battle(id: string, models: [string, string], prompts: readonly string[]): NamedBattle {
  const turns = prompts.map((prompt) => ({
    id: `${id}-${prompt}`,
    prompt,
    images: prompt.includes("sketch") ? [sketch] : [],
    a: answer(),
    b: answer(),
  }));
  const [a, b] = models;
  const createdAt = "2026-01-01T00:00:00Z";
  return {
    ...{ kind: "named", id, status: "ready", createdAt, turns },
    models: { a: modelOf(a), b: modelOf(b) },
  } as NamedBattle;
}

/** A comparison of three turns, in which the right model is then changed. */
function changing(prompts = ["one", "two", "three"]) {
  const former = battle("former", ["heron", "stork"], prompts);
  const { store, session } = pageOf({
    battle: former,
    chosen: { a: "heron", b: "stork" },
    draft: "for later",
  });
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

/** The page of the new pair as a reload makes it, with the battle or without. */
async function reloaded(held?: NamedBattle) {
  const chosen = held === undefined ? { a: "heron", b: "kite" } : { a: null, b: null };
  const { store, session } = pageOf({ chosen });
  if (held === undefined) session.offerReplay();
  else {
    api.get.mockResolvedValueOnce(held);
    await session.open(held.id);
  }
  await pass(60_000);
  return { store, session, offered: () => store.get().isReplayHeld && store.get().replay };
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

describe("the prompts of a former pair, after a reload", () => {
  const away = () => new ApiError("database_unavailable");
  const plain = (...texts: string[]) => texts.map((text) => ({ text, images: [] }));

  it("wait for a word where no battle of the new pair has begun, with their images", async () => {
    const kept = keepsOverReloads();
    const { change } = changing(["one", "a sketch"]);
    api.start.mockRejectedValueOnce(away());
    await change();
    const { store, session, offered } = await reloaded();
    expect(offered()).toEqual([...plain("one"), { text: "a sketch", images: [sketch] }]);
    expect(api.start).toHaveBeenCalledTimes(1);
    api.start.mockResolvedValueOnce(next("one"));
    api.continue.mockResolvedValueOnce(next("one", "a sketch"));
    session.resumeReplay();
    await pass(0);
    expect(api.continue.mock.calls[0]?.[1]).toMatchObject({ prompt: "a sketch", images: ["sketch"] });
    expect(store.get()).toMatchObject({ replay: [], isReplayHeld: false });
    expect([...kept.keys()]).toEqual([]);
  });

  it("wait where they waited for a free model, and the one on its way is no draft", async () => {
    const kept = keepsOverReloads();
    const { change } = changing();
    api.start.mockImplementationOnce(() => new Promise(() => undefined));
    await change();
    expect(kept.get("draft")).toBeUndefined();
    expect((await reloaded()).offered()).toEqual(plain("one", "two", "three"));
    const waiting = changing();
    api.start.mockRejectedValueOnce(noModel);
    await waiting.change();
    waiting.session.cancelWaiting();
    expect((await reloaded()).offered()).toEqual(plain("one", "two", "three"));
    expect(api.start).toHaveBeenCalledTimes(2);
  });

  it("wait without the one that the server had got, and are asked with the same key where it had not", async () => {
    keepsOverReloads();
    const { change } = changing();
    api.start.mockResolvedValueOnce(next("one"));
    api.continue.mockImplementation(() => new Promise(() => undefined));
    await change();
    const { session } = await reloaded(next("one"));
    session.resumeReplay();
    await pass(0);
    const keys = api.continue.mock.calls.map(
      ([, { prompt, idempotencyKey }]) => `${prompt} ${idempotencyKey}`,
    );
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    const { offered } = await reloaded(next("one", "two"));
    expect(offered()).toEqual(plain("three"));
    expect(api.continue).toHaveBeenCalledTimes(2);
  });

  it("are offered to their own battle alone, and forgotten when another is begun", async () => {
    const kept = keepsOverReloads();
    const { change } = changing();
    api.start.mockResolvedValueOnce(next("one"));
    api.continue.mockRejectedValueOnce(away());
    await change();
    const other = await reloaded(battle("other", ["heron", "kite"], ["one"]));
    expect(other.offered()).toBe(false);
    expect((await reloaded()).offered()).toBe(false);
    const { session, offered } = await reloaded(next("one"));
    expect(offered()).toEqual(plain("two", "three"));
    // Left and come back to.
    session.reset();
    api.get.mockResolvedValueOnce(next("one"));
    await session.open("next");
    expect(offered()).toEqual(plain("two", "three"));

    const blind = pageOf({ chosen: null });
    api.start.mockResolvedValueOnce(battle("another", ["heron", "stork"], ["hello"]));
    await blind.session.send({ text: "hello", images: [] });
    expect([...kept.keys()]).toEqual([]);
    expect((await reloaded(next("one"))).offered()).toBe(false);
  });

  it.each(["dropReplay", "stop", "newBattle"] as const)("are gone after %s", async (act) => {
    const kept = keepsOverReloads();
    const { change, session } = changing();
    api.start.mockRejectedValueOnce(noModel);
    await change();
    session.cancelWaiting();
    await session[act]();
    expect([...kept.keys()]).toEqual([]);
    expect((await reloaded()).offered()).toBe(false);
  });

  it("go to a third pair where that is chosen", async () => {
    keepsOverReloads();
    const { change } = changing();
    api.start.mockResolvedValueOnce(next("one"));
    api.continue.mockRejectedValueOnce(away());
    await change();
    const { session, store } = await reloaded(next("one"));
    api.start.mockRejectedValueOnce(away());
    await session.choose("b", "crane");
    await pass(0);
    expect(store.get().replay).toEqual(plain("one", "two", "three"));
  });
});
