import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KeyLimits } from "../accounting-types";
import { type Admission, type Delta, Limiter, type Total } from "./limiter";

const none: KeyLimits = {
  requestsPerMinute: null,
  tokensPerMinute: null,
  requestsPerDay: null,
  tokensPerDay: null,
  maxConcurrent: null,
};
const noon = Date.UTC(2026, 0, 5, 12);

/** The table that the servers share, in memory. */
class SharedCounts {
  readonly sums = new Map<string, Total>();

  exchange(limiter: Limiter, now: number): void {
    const deltas = limiter.takeDeltas();
    for (const delta of deltas) this.#add(delta);
    limiter.applyTotals(deltas, [...this.sums.values()], now);
  }

  #add(delta: Delta): void {
    const key = `${delta.keyId} ${delta.window} ${delta.startsAt}`;
    const sum = this.sums.get(key) ?? { ...delta, requests: 0, tokens: 0 };
    this.sums.set(key, {
      ...sum,
      requests: sum.requests + delta.requests,
      tokens: sum.tokens + delta.tokens,
    });
  }
}

function refused(admission: Admission) {
  if (admission.isAdmitted) throw new Error("It was admitted.");
  return admission;
}

function admitted(admission: Admission) {
  if (!admission.isAdmitted) throw new Error(`It was refused by ${admission.limit}.`);
  return admission;
}

describe("the budgets of a key on one server", () => {
  it("refuse what is beyond, say which limit and for how long", () => {
    const limiter = new Limiter();
    const limits = { ...none, requestsPerMinute: 2, requestsPerDay: 100 };
    const first = admitted(limiter.admit("k", limits, 10, noon));
    expect(first.headers).toMatchObject({
      "x-ratelimit-limit-requests": "2",
      "x-ratelimit-remaining-requests": "1",
    });
    expect(first.headers).not.toHaveProperty("x-ratelimit-limit-tokens");
    admitted(limiter.admit("k", limits, 10, noon));
    const third = refused(limiter.admit("k", limits, 10, noon));
    expect(third).toMatchObject({ limit: "requestsPerMinute", allowed: 2 });
    const again = noon + (third.retryAfterMs ?? 0);
    expect(limiter.admit("k", limits, 10, again - 2).isAdmitted).toBe(false);
    admitted(limiter.admit("k", limits, 10, again));
    admitted(limiter.admit("other", limits, 10, noon));
  });

  it("reserve tokens and give back what was not used", () => {
    const limiter = new Limiter();
    const limits = { ...none, tokensPerDay: 1_000 };
    const first = admitted(limiter.admit("k", limits, 900, noon));
    expect(refused(limiter.admit("k", limits, 200, noon)).limit).toBe("tokensPerDay");
    first.settle(100);
    const second = admitted(limiter.admit("k", limits, 900, noon));
    expect(second.headers["x-ratelimit-remaining-tokens"]).toBe("0");
    second.settle(950);
    expect(refused(limiter.admit("k", limits, 0, noon)).limit).toBe("tokensPerDay");
  });

  it("tell a request that can never fit from one that has to wait", () => {
    const limits = { ...none, tokensPerMinute: 100 };
    expect(refused(new Limiter().admit("k", limits, 101, noon)).retryAfterMs).toBeNull();
  });

  it("hold the number of requests at a time, those of other servers included", () => {
    const limiter = new Limiter();
    const limits = { ...none, maxConcurrent: 3 };
    const first = admitted(limiter.admit("k", limits, 0, noon));
    limiter.applyInFlightElsewhere(limiter.inFlight(["k"]), new Map([["k", 1]]));
    admitted(limiter.admit("k", limits, 0, noon));
    expect(refused(limiter.admit("k", limits, 0, noon)).limit).toBe("maxConcurrent");
    first.settle(0);
    admitted(limiter.admit("k", limits, 0, noon));
    expect(limiter.inFlight(["k", "other"])).toEqual([{ keyId: "k", inFlight: 2 }]);
  });

  it("begin anew each day", () => {
    const limiter = new Limiter();
    const limits = { ...none, requestsPerDay: 1 };
    admitted(limiter.admit("k", limits, 0, noon));
    expect(refused(limiter.admit("k", limits, 0, noon)).retryAfterMs).toBe(12 * 3_600_000);
    admitted(limiter.admit("k", limits, 0, noon + 12 * 3_600_000));
  });
});

describe("the budgets of a key on several servers", () => {
  const arrivals = fc.array(fc.record({ server: fc.integer({ min: 0, max: 3 }), isExchange: fc.boolean() }), {
    maxLength: 120,
  });

  it("are overshot by no more than each of the others had left at its last exchange", () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 20 }), (events, limit) => {
        const shared = new SharedCounts();
        const servers = Array.from({ length: 4 }, () => new Limiter());
        let passed = 0;
        for (const { server, isExchange } of events) {
          const limiter = servers[server] as Limiter;
          if (limiter.admit("k", { ...none, requestsPerDay: limit }, 1, noon).isAdmitted) passed++;
          if (isExchange) shared.exchange(limiter, noon);
        }
        expect(passed).toBeLessThanOrEqual(4 * limit);
        for (const limiter of servers) shared.exchange(limiter, noon);
        const [sum] = [...shared.sums.values()].filter(({ window }) => window === "day");
        expect(sum?.requests ?? 0).toBe(passed);
      }),
    );
  });

  it("are exact where all have heard of a request before the next", () => {
    fc.assert(
      fc.property(arrivals, fc.integer({ min: 1, max: 20 }), (events, limit) => {
        const shared = new SharedCounts();
        const servers = Array.from({ length: 4 }, () => new Limiter());
        let passed = 0;
        for (const { server } of events) {
          const limiter = servers[server] as Limiter;
          if (limiter.admit("k", { ...none, requestsPerDay: limit }, 1, noon).isAdmitted) passed++;
          // It tells, then all hear.
          for (const each of [limiter, ...servers]) shared.exchange(each, noon);
        }
        expect(passed).toBe(Math.min(limit, events.length));
      }),
    );
  });

  it("ask for an exchange when a tenth of what was left is gone, and not before", () => {
    let urged = 0;
    const limiter = new Limiter({ onUrgent: () => urged++ });
    const limits = { ...none, requestsPerMinute: 1_000 };
    for (let count = 0; count < 90; count++) limiter.admit("k", limits, 0, noon);
    expect(urged).toBe(0);
    for (let count = 0; count < 15; count++) limiter.admit("k", limits, 0, noon);
    expect(urged).toBeGreaterThan(0);
  });

  it("lose nothing when an exchange fails, and nothing counts twice", () => {
    const shared = new SharedCounts();
    const limiter = new Limiter();
    const limits = { ...none, requestsPerDay: 3 };
    admitted(limiter.admit("k", limits, 5, noon));
    const deltas = limiter.takeDeltas();
    admitted(limiter.admit("k", limits, 5, noon));
    limiter.returnDeltas(deltas);
    admitted(limiter.admit("k", limits, 5, noon));
    expect(limiter.admit("k", limits, 5, noon).isAdmitted).toBe(false);
    shared.exchange(limiter, noon);
    shared.exchange(limiter, noon);
    expect([...shared.sums.values()]).toMatchObject([
      { window: "minute", requests: 3, tokens: 15 },
      { window: "day", requests: 3, tokens: 15 },
    ]);
  });

  it("count a correction that comes after its minute where it was reserved", () => {
    const shared = new SharedCounts();
    const limiter = new Limiter();
    const one = admitted(limiter.admit("k", { ...none, tokensPerDay: 100 }, 80, noon));
    shared.exchange(limiter, noon);
    limiter.tidy(noon + 180_000);
    one.settle(10);
    shared.exchange(limiter, noon + 180_000);
    expect([...shared.sums.values()]).toMatchObject([
      { window: "minute", startsAt: noon, tokens: 10 },
      { window: "day", tokens: 10 },
    ]);
  });

  it("forget keys that are not in use, and nothing of the day", () => {
    const shared = new SharedCounts();
    const limiter = new Limiter();
    const limits = { ...none, requestsPerDay: 1 };
    admitted(limiter.admit("k", limits, 0, noon)).settle(0);
    shared.exchange(limiter, noon);
    limiter.tidy(noon + 3_600_000);
    expect(limiter.watched(noon + 3_600_000)).toEqual([]);
    expect(refused(limiter.admit("k", limits, 0, noon + 3_600_000)).limit).toBe("requestsPerDay");
    shared.exchange(limiter, noon);
    limiter.tidy(noon + 2 * 86_400_000);
    expect(limiter.knows("k")).toBe(false);
  });
});
