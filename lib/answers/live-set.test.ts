import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { LiveSet } from "./live-set";

class Fake {
  isIdle = true;
  async settled() {}
  async close() {}
}

function setUp() {
  let loaded = 0;
  const set = new LiveSet(async (id) => {
    loaded += 1;
    if (id === "none") throw new Error("There is none.");
    return new Fake();
  });
  return { set, loads: () => loaded };
}

const nothing = () => undefined;

describe("what is live", () => {
  it("is loaded once for all who come at the same time, and goes when nothing happens in it", async () => {
    const { set, loads } = setUp();
    const [one, two] = await Promise.all([set.use("a", (live) => live), set.use("a", (live) => live)]);
    expect(one).toBe(two);
    expect(loads()).toBe(1);
    await nextTurn();
    await nextTurn();
    expect(await set.peek("a")).toBeNull();
  });

  it("stays for whoever begins to read in the turn in which they have it", async () => {
    const { set } = setUp();
    const live = await set.use("a", (found) => found);
    live.isIdle = false;
    await nextTurn();
    await nextTurn();
    expect(await set.peek("a")).toBe(live);
    live.isIdle = true;
    set.forgetIdle("a");
    await nextTurn();
    expect(await set.peek("a")).toBeNull();
  });

  it("is not loaded for news of it", async () => {
    const { set, loads } = setUp();
    let told = 0;
    const tell = () => {
      told += 1;
    };
    await set.withHeld("a", tell);
    expect([loads(), told]).toEqual([0, 0]);
    (await set.use("a", (found) => found)).isIdle = false;
    await set.withHeld("a", tell);
    expect([loads(), told]).toEqual([1, 1]);
    await set.close(0);
    await set.withHeld("a", tell);
    expect(told).toBe(1);
  });

  it("stays while somebody is at work with it, even if it becomes idle meanwhile", async () => {
    const { set, loads } = setUp();
    let finish: () => void = nothing;
    const work = set.use(
      "a",
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    await set.use("a", nothing);
    set.forgetIdle("a");
    await nextTurn();
    await nextTurn();
    expect(await set.peek("a")).not.toBeNull();
    expect(loads()).toBe(1);
    finish();
    await work;
    await nextTurn();
    await nextTurn();
    expect(await set.peek("a")).toBeNull();
  });

  it("is forgotten where it could not be loaded or used, and not given after the end", async () => {
    const { set, loads } = setUp();
    await expect(set.use("none", nothing)).rejects.toThrow("There is none.");
    await expect(set.use("none", nothing)).rejects.toThrow("There is none.");
    expect(loads()).toBe(2);
    const refuse = () => {
      throw new Error("Not yours.");
    };
    await expect(set.use("a", refuse)).rejects.toThrow("Not yours.");
    await nextTurn();
    await nextTurn();
    expect(await set.peek("a")).toBeNull();
    await set.close(0);
    await expect(set.use("a", nothing)).rejects.toMatchObject({ code: "shutting_down" });
  });
});
