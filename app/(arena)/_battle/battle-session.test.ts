import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "@/app/_data/api-error";
import type { BlindBattle, ResponseView, RevealedBattle } from "@/lib/protocol";
import { initialArenaState } from "./arena-state";
import { createArenaStore } from "./arena-store";
import { battleApi } from "./battle-api";
import { createBattleSession } from "./battle-session";

vi.mock("./battle-api", () => ({
  battleApi: Object.fromEntries(
    ["get", "start", "continue", "regenerate", "stop", "retry", "swap", "vote"].map((name) => [
      name,
      vi.fn(),
    ]),
  ),
}));

/** The stream of events, played by hand. */
const stream = vi.hoisted(() => ({ attached: null as string | null, voted: (_id: string) => {} }));
vi.mock("./battle-connection", () => ({
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

const api = vi.mocked(battleApi);

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

const lostAnswer = () => Promise.reject(new ApiError("network"));
const later = () => new Promise<never>(() => undefined);
const typed = (text: string) => ({ text, images: [] });
const image = (id: string) => ({ key: id, name: id, view: { id, width: 1, height: 1 } });

const answer = (change: Partial<ResponseView> = {}): ResponseView => ({
  ...{ status: "finished", text: "x", isTruncated: false, failure: null },
  ...change,
});

/** A blind battle whose turns have these prompts; the last one's answers may differ. */
function battle(prompts: readonly string[], last: Partial<ResponseView> = {}): BlindBattle {
  const turns = prompts.map((prompt, index) => {
    const side = () => answer(index === prompts.length - 1 ? last : {});
    return { id: `turn-${index}-${prompt}`, prompt, images: [], a: side(), b: side() };
  });
  const isRunning = last.status === "queued" || last.status === "writing";
  const createdAt = "2026-01-01T00:00:00Z";
  return { kind: "blind", id: "battle", status: isRunning ? "running" : "ready", createdAt, turns };
}
const queued = { status: "queued", text: "" } as const;

function revealed(open: BlindBattle): RevealedBattle {
  return { ...open, kind: "revealed" } as unknown as RevealedBattle;
}

/** A page with this battle, or none. */
function page(open: BlindBattle | null = null) {
  const store = createArenaStore({ ...initialArenaState, battle: open });
  const addresses: (string | null)[] = [];
  const session = createBattleSession(store, (id) => addresses.push(id));
  /** Lets everything happen that happens by itself within this time. */
  const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);
  return { store, session, addresses, pass, composer: () => store.get().draft };
}

describe("a prompt whose answer is lost", () => {
  it("is sent again by itself, as the same request", async () => {
    const { store, session, pass, addresses } = page();
    api.start.mockImplementationOnce(lostAnswer).mockResolvedValueOnce(battle(["one"], queued));
    void session.send(typed("one"));
    await pass(1_000);
    const keys = api.start.mock.calls.map(([request]) => request.idempotencyKey);
    expect(keys).toHaveLength(2);
    expect(new Set(keys).size).toBe(1);
    expect(store.get()).toMatchObject({ outgoing: null, problem: null, draft: "" });
    expect(addresses).toEqual(["battle"]);
    expect(stream.attached).toBe("battle");
  });

  it("comes back after a few tries, and sent again by hand is still the same request", async () => {
    const { store, session, pass, composer } = page(battle(["one"]));
    api.continue.mockImplementation(lostAnswer);
    void session.send(typed("two"));
    await pass(60_000);
    expect(api.continue).toHaveBeenCalledTimes(3);
    expect(composer()).toBe("two");
    expect(store.get()).toMatchObject({ outgoing: null, problem: { code: "network", isTextKept: true } });
    // What the server has is seen at once.
    expect(stream.attached).toBe("battle");

    api.continue.mockResolvedValueOnce(battle(["one", "two"], queued));
    void session.send(typed("two"));
    await pass();
    expect(new Set(api.continue.mock.calls.map(([, { idempotencyKey }]) => idempotencyKey)).size).toBe(1);
    expect(composer()).toBe("");
  });

  it("is another request where it was changed, or where it had arrived before", async () => {
    const { session, pass } = page(battle(["one"]));
    api.continue.mockImplementation(lostAnswer);
    void session.send(typed("two"));
    await pass(60_000);
    api.continue.mockReset().mockResolvedValue(battle(["one", "two, mended"]));
    await session.send(typed("two, mended"));
    await session.send(typed("two, mended"));
    expect(new Set(api.continue.mock.calls.map(([, { idempotencyKey }]) => idempotencyKey)).size).toBe(2);
  });

  it("leaves the composer where the battle turns out to hold it, and nothing else does", async () => {
    const { store, session, pass, composer } = page(battle(["one"]));
    api.continue.mockImplementation(lostAnswer);
    void session.send(typed("two"));
    await pass(60_000);
    store.set({ draft: "two\n\nthree" });
    store.set({ battle: battle(["one"]) });
    expect(composer()).toBe("two\n\nthree");
    store.set({ battle: battle(["one", "two"], queued) });
    expect(composer()).toBe("three");
    expect(store.get().problem).toBeNull();
  });

  it("leaves the composer where answering again brings to light that the battle holds it", async () => {
    const { session, pass, composer } = page(battle(["one"]));
    api.continue.mockImplementation(lostAnswer);
    void session.send(typed("two"));
    await pass(60_000);
    expect(composer()).toBe("two");
    // The server answers its last turn, which is the one that was lost.
    api.regenerate.mockResolvedValueOnce(battle(["one", "two"], queued));
    await session.regenerate();
    expect(composer()).toBe("");
  });

  it("is the same request after a reload too, and leaves the composer where it had arrived", async () => {
    const kept = new Map<string, string>();
    vi.stubGlobal("sessionStorage", {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
      removeItem: (key: string) => kept.delete(key),
    });
    api.continue.mockImplementation(later);
    const before = page(battle(["one"]));
    void before.session.send(typed("two"));
    await before.pass();

    const after = page(battle(["one"]));
    void after.session.send(typed("two"));
    await after.pass();
    expect(new Set(api.continue.mock.calls.map(([, { idempotencyKey }]) => idempotencyKey)).size).toBe(1);

    const other = page();
    other.store.set({ draft: "two" });
    api.get.mockResolvedValueOnce(battle(["one", "two"], queued));
    await other.session.open("battle");
    expect(other.composer()).toBe("");
    expect(kept.size).toBe(0);
  });

  it("is not sent again where the server has refused it", async () => {
    const { session, pass, composer } = page(battle(["one"]));
    api.continue.mockRejectedValue(new ApiError("content_refused"));
    void session.send(typed("two"));
    await pass(60_000);
    expect(api.continue).toHaveBeenCalledTimes(1);
    expect(composer()).toBe("two");
  });

  it("that asks for an edited turn is the same request each time, and comes back in the end", async () => {
    const { session, pass, composer } = page(battle(["one"]));
    api.regenerate.mockImplementation(lostAnswer);
    void session.regenerate("one, mended");
    await pass(60_000);
    const keys = api.regenerate.mock.calls.map(([, { idempotencyKey }]) => idempotencyKey);
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
    expect(composer()).toBe("one, mended");
    expect(stream.attached).toBe("battle");
  });
});

describe("what is typed", () => {
  const noModel = () => Promise.reject(new ApiError("no_worker_available", { retryAfterSeconds: 1 }));

  it("meanwhile stays where a prompt that waited for a model goes out", async () => {
    const { store, session, pass, composer } = page();
    let refuse: (error: ApiError) => void = () => undefined;
    api.start.mockImplementationOnce(() => new Promise((_, reject) => (refuse = reject)));
    void session.send(typed("first"));
    store.set({ draft: "second" });
    refuse(new ApiError("no_worker_available", { retryAfterSeconds: 1 }));
    await pass();
    expect(store.get()).toMatchObject({ waiting: true, draft: "first\n\nsecond" });
    store.set({ images: [image("later")] });
    api.start.mockResolvedValueOnce(battle(["first"], queued));
    await pass(1_000);
    expect(store.get().waiting).toBe(false);
    expect(composer()).toBe("second");
    expect(store.get().images.map(({ key }) => key)).toEqual(["later"]);
  });

  it("as a follow-up stays where a new pair is drawn, whether it comes, waits or fails", async () => {
    const { store, session, pass, composer } = page(battle(["one"]));
    store.set({ draft: "and then?" });
    api.start.mockResolvedValueOnce(battle(["one"], queued));
    await session.drawNewPair();
    expect(composer()).toBe("and then?");

    api.start.mockImplementationOnce(noModel);
    void session.drawNewPair();
    await pass();
    expect(store.get()).toMatchObject({ waiting: true, draft: "one\n\nand then?" });
    session.cancelWaiting();
    expect(composer()).toBe("one\n\nand then?");

    store.set({ draft: "and then?", battle: battle(["one"]) });
    api.start.mockRejectedValueOnce(new ApiError("database_unavailable"));
    await session.drawNewPair();
    expect(composer()).toBe("one\n\nand then?");
  });

  it("is sent once where a waiting prompt is sent by hand", async () => {
    const { session, pass } = page();
    api.start.mockImplementationOnce(noModel).mockResolvedValue(battle(["first"], queued));
    void session.send(typed("first"));
    await pass();
    await session.send(typed("first"));
    await pass(60_000);
    expect(api.start).toHaveBeenCalledTimes(2);
  });

  it("as an edited prompt on its way survives a reload; one that is asked again stands in its battle", async () => {
    const kept = new Map<string, string>();
    vi.stubGlobal("sessionStorage", {
      setItem: (key: string, value: string) => kept.set(key, value),
      removeItem: (key: string) => kept.delete(key),
    });
    const { session, pass } = page(battle(["one"]));
    api.regenerate.mockImplementation(later);
    void session.regenerate("one, mended");
    await pass();
    expect(kept.get("draft")).toBe("one, mended");
    const other = page(battle(["one"]));
    kept.clear();
    void other.session.regenerate();
    await other.pass();
    expect(kept.size).toBe(0);
  });
});

describe("a stop", () => {
  it.each([
    ["a follow-up", "continue"],
    ["the same prompt again", "regenerate"],
    ["a side that is tried again", "retry"],
  ] as const)("while %s is on its way stops it as soon as it runs", async (_, call) => {
    const failed = battle(["one"], { status: "failed", text: "", failure: "interrupted" });
    const { store, session, pass } = page(
      call === "retry" ? { ...failed, status: "blocked" } : battle(["one"]),
    );
    let arrive: (value: BlindBattle) => void = () => undefined;
    api[call].mockImplementationOnce(() => new Promise((resolve) => (arrive = resolve)));
    if (call === "continue") void session.send(typed("two"));
    else if (call === "regenerate") void session.regenerate();
    else void session.retry("a");
    await session.stop();
    expect(store.get().isStopping).toBe(true);
    expect(api.stop).not.toHaveBeenCalled();
    api.stop.mockResolvedValueOnce(battle(["one", "two"], { status: "stopped", text: "" }));
    arrive(battle(["one", "two"], queued));
    await pass();
    expect(api.stop).toHaveBeenCalledExactlyOnceWith("battle");
    expect(store.get()).toMatchObject({ isStopping: false, battle: { status: "ready" } });
  });

  it("ends the tries to send what got no answer, and gives it back", async () => {
    const { store, session, pass, composer } = page(battle(["one"]));
    api.continue.mockImplementation(lostAnswer);
    void session.send(typed("two"));
    await pass();
    await session.stop();
    await pass(60_000);
    expect(api.continue).toHaveBeenCalledTimes(1);
    expect(composer()).toBe("two");
    expect(store.get()).toMatchObject({ outgoing: null, isStopping: false });
  });

  it("takes back a first prompt that the server has not answered", async () => {
    const { store, session, composer } = page();
    api.start.mockImplementationOnce(later);
    void session.send(typed("first"));
    await session.stop();
    expect(composer()).toBe("first");
    expect(store.get().outgoing).toBeNull();
  });

  it("stops the battle that a first prompt has begun when its id comes, and it is another one when sent again", async () => {
    const { store, session, pass, addresses } = page();
    let arrive: (value: BlindBattle) => void = () => undefined;
    api.start.mockImplementationOnce(() => new Promise((resolve) => (arrive = resolve)));
    void session.send(typed("first"));
    await session.stop();
    const [, signals] = api.start.mock.calls[0] ?? [];
    expect([signals?.leave.aborted, signals?.until.aborted]).toEqual([false, true]);
    session.newBattle();
    arrive(battle(["first"], queued));
    await pass();
    expect(api.stop).toHaveBeenCalledExactlyOnceWith("battle");
    expect(store.get()).toMatchObject({ battle: null, draft: "first", problem: null });
    expect(addresses).toEqual([null]);
    api.start.mockImplementationOnce(later);
    void session.send(typed("first"));
    const keys = api.start.mock.calls.map(([request]) => request.idempotencyKey);
    expect(new Set(keys).size).toBe(2);
  });

  it("leaves a first prompt alone that was sent again meanwhile", async () => {
    const { store, session, pass } = page();
    let arrive: (value: BlindBattle) => void = () => undefined;
    api.start.mockImplementationOnce(() => new Promise((resolve) => (arrive = resolve)));
    void session.send(typed("first"));
    await session.stop();
    api.start.mockResolvedValueOnce(battle(["first"], queued));
    await session.send(typed("first"));
    expect(api.start.mock.calls.map(([, { leave }]) => leave.aborted)).toEqual([true, false]);
    arrive(battle(["first"], queued));
    await pass();
    const keys = api.start.mock.calls.map(([request]) => request.idempotencyKey);
    expect(new Set(keys).size).toBe(1);
    expect(api.stop).not.toHaveBeenCalled();
    expect(store.get()).toMatchObject({ battle: { id: "battle" }, draft: "" });
  });

  it("does not send again a first prompt whose answer is lost", async () => {
    const { store, session, pass } = page();
    let lose: (error: unknown) => void = () => undefined;
    api.start.mockImplementationOnce(() => new Promise((_, reject) => (lose = reject)));
    void session.send(typed("first"));
    await session.stop();
    lose(new ApiError("network"));
    await pass(60_000);
    expect(api.start).toHaveBeenCalledTimes(1);
    expect(store.get()).toMatchObject({ draft: "first", problem: null, connection: "closed" });
  });
});

describe("a vote", () => {
  it("says which turn it judges, and is the same vote when it is saved again", async () => {
    const open = battle(["one", "two"]);
    const { store, session, pass } = page(open);
    api.vote.mockImplementationOnce(lostAnswer).mockResolvedValueOnce(revealed(open));
    await session.vote("tie");
    expect(store.get().vote).toMatchObject({ phase: "failed", problem: { code: "network" } });
    // The stream would tell that it was saved.
    expect(stream.attached).toBe("battle");
    await session.vote("tie");
    await pass(1_000);
    const [[, first], [, second]] = api.vote.mock.calls as [[string, object], [string, object]];
    expect(first).toMatchObject({ outcome: "tie", turnId: "turn-1-two" });
    expect(second).toEqual(first);
    expect(store.get().battle?.kind).toBe("revealed");
  });

  it("on answers that are not the newest any more shows those first", async () => {
    const { store, session } = page(battle(["one"]));
    api.vote.mockRejectedValueOnce(new ApiError("vote_outdated"));
    api.get.mockResolvedValueOnce(battle(["one", "two"], queued));
    await session.vote("a");
    expect(store.get()).toMatchObject({ vote: { phase: "none" }, problem: { code: "vote_outdated" } });
    expect(store.get().battle?.turns).toHaveLength(2);
    expect(stream.attached).toBe("battle");
  });

  it("is not sent where there is nothing to compare", async () => {
    const { session } = page(battle(["one"], { status: "stopped", text: "" }));
    await session.vote("a");
    expect(api.vote).not.toHaveBeenCalled();
  });

  it("that was cast elsewhere is fetched, but never in place of a prompt on its way", async () => {
    const open = battle(["one"]);
    const { store, session, pass } = page(open);
    api.get.mockResolvedValue(revealed(open));
    api.continue.mockImplementation(later);
    void session.send(typed("two"));
    stream.voted("battle");
    await pass();
    expect(store.get()).toMatchObject({ outgoing: { text: "two" }, battle: { kind: "blind" } });
    const other = page(open);
    stream.voted("battle");
    await other.pass();
    expect(other.store.get().battle?.kind).toBe("revealed");
  });
});
