import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Share, ShareDecision, ShareStore } from "./ports";
import { createShareKeeper, type SharedPlaces, type ShareKeeper } from "./share-keeper";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** One worker's five places as one of two servers sees them; the other's row is what the test says. */
function keeperOf(leastAway = 1) {
  const worker = {
    subject: "w",
    limit: 5,
    outstanding: 0,
    waiting: 0,
    people: 0,
    share: 0,
    setShare: (share: number) => {
      worker.share = share;
    },
  } satisfies SharedPlaces;
  const other: Share = { serverId: "other", demand: 0, people: 0, places: 0 };
  const mine: Share = { serverId: "mine", demand: 0, people: 0, places: 0 };
  const decisions: ShareDecision[] = [];
  let isAway = false;
  const store: ShareStore = {
    serverId: "mine",
    exchange: async (demands, decide) => {
      if (isAway) throw new Error("away");
      mine.demand = demands[0]?.demand ?? 0;
      const decision = decide("w", [mine, other]);
      decisions.push(decision);
      mine.places = decision.places;
    },
    leave: async () => undefined,
  };
  let granted = 0;
  const keeper: ShareKeeper = createShareKeeper({
    ...{ store, what: "the places", leastAway, logger: quiet, now: Date.now },
    shared: () => [worker],
    onGranted: () => {
      granted += 1;
    },
  });
  return {
    worker,
    other,
    decisions,
    keeper,
    granted: () => granted,
    setAway: (away: boolean) => {
      isAway = away;
    },
  };
}

describe("a server that shares a worker", () => {
  it("claims no more than its part while what runs beyond it ends, and holds that until then", async () => {
    const { worker, other, decisions, keeper } = keeperOf();
    Object.assign(worker, { outstanding: 5, waiting: 20, share: 5 });
    Object.assign(other, { demand: 3, places: 0 });
    await keeper.start();
    expect(worker.share).toBeLessThanOrEqual(3);
    expect(decisions).toEqual([{ places: 5, tellsOthers: false }]);
    worker.outstanding = 4;
    keeper.renew();
    await vi.advanceTimersByTimeAsync(50);
    // Given back, and told to the one who waits for it.
    expect(decisions.at(-1)).toEqual({ places: 4, tellsOthers: true });
    await keeper.stop();
  });

  it("tells the others what it lacks, and again only when it lacks more", async () => {
    const { worker, other, decisions, keeper } = keeperOf();
    Object.assign(other, { demand: 0, places: 5 });
    const told = () => decisions.at(-1)?.tellsOthers;
    await keeper.start();
    expect(told()).toBe(false);
    worker.waiting = 2;
    keeper.urge();
    await vi.advanceTimersByTimeAsync(50);
    expect(told()).toBe(true);
    keeper.urge();
    await vi.advanceTimersByTimeAsync(50);
    expect(told()).toBe(false);
    worker.waiting = 4;
    keeper.urge();
    await vi.advanceTimersByTimeAsync(50);
    expect(told()).toBe(true);
    await keeper.stop();
  });

  it("has at least one place while there is no database, and divides them again afterwards", async () => {
    const { worker, other, keeper, granted, setAway } = keeperOf();
    Object.assign(other, { demand: 5, places: 5 });
    setAway(true);
    await keeper.start();
    expect([worker.share, granted()]).toEqual([1, 1]);
    setAway(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(worker.share).toBe(0);
    await keeper.stop();
  });

  it("exchanges nothing in a hurry while it has enough", async () => {
    const { worker, decisions, keeper } = keeperOf();
    await keeper.start();
    worker.setShare(5);
    worker.waiting = 1;
    for (let i = 0; i < 10; i += 1) {
      keeper.urge();
      await vi.advanceTimersByTimeAsync(50);
    }
    expect(decisions).toHaveLength(1);
    await keeper.stop();
  });
});
