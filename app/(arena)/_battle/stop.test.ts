import { describe, expect, it } from "vitest";
import { ApiError } from "@/app/_data/api-error";
import type { BlindBattle } from "@/lib/protocol";
import { api, battle, later, lostAnswer, page, queued, typed } from "./testing/session-rig";

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
