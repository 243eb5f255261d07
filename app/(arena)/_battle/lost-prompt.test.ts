import { describe, expect, it } from "vitest";
import { ApiError } from "@/app/_data/api-error";
import {
  api,
  battle,
  keepsOverReloads,
  later,
  lostAnswer,
  page,
  queued,
  stream,
  typed,
} from "./testing/session-rig";

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
    const kept = keepsOverReloads();
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
