import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ejectAfterErrors } from "./ejection";
import { WorkerRegistry } from "./registry";
import { report, workerRecord } from "./test-support";
import { type Claim, type DispatchPolicyName, defaultModelSettings, dispatchPolicyNames } from "./types";
import type { WorkerListing } from "./worker";

const heartbeatMs = 1_000;
const waiting = 4;
const ids = ["a", "b", "c", "d"] as const;
const modelLimit = 3;

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("claim" as const),
      model: fc.constantFrom("demo", "limited"),
      tried: fc.subarray([...ids]),
      pools: fc.option(fc.subarray(["default", "east"]), { nil: undefined }),
      affinityKey: fc.option(fc.constantFrom("k1", "k2"), { nil: undefined }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("release" as const), pick: fc.nat() }) },
  fc.record({ do: fc.constant("releaseAgain" as const), pick: fc.nat() }),
  fc.record({
    do: fc.constant("register" as const),
    id: fc.constantFrom(...ids),
    slots: fc.integer({ min: 1, max: 4 }),
    isAtSharedUrl: fc.boolean(),
    pool: fc.constantFrom("default", "east"),
  }),
  fc.record({
    do: fc.constant("heartbeat" as const),
    id: fc.constantFrom(...ids),
    busySlots: fc.nat(9),
    tokensPerSecond: fc.option(fc.nat(1000)),
  }),
  fc.record({
    do: fc.constant("snapshot" as const),
    id: fc.constantFrom(...ids),
    slots: fc.integer({ min: 1, max: 4 }),
    age: fc.nat(5_000),
    hasLeft: fc.boolean(),
    isNewLife: fc.boolean(),
    order: fc.constantFrom("serving" as const, "serving" as const, "draining" as const, "ejected" as const),
  }),
  fc.record({ do: fc.constant("restore" as const), id: fc.constantFrom(...ids), age: fc.nat(5_000) }),
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("error" as const),
      id: fc.constantFrom(...ids),
      times: fc.constantFrom(1, ejectAfterErrors),
    }),
  },
  // Silence, drains and farewells need workers that have not gone, so there is something to take away.
  fc.constant({ do: "all register" as const }),
  fc.record({
    do: fc.constantFrom("leave" as const, "unreachable" as const, "reachable" as const, "success" as const),
    id: fc.constantFrom(...ids),
  }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.nat(2_000) }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.constant(31_000) }),
  fc.record({ do: fc.constant("sweep" as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Replays steps and checks, after each, what must hold whatever the order. */
function replay(
  steps: readonly Step[],
  policy?: DispatchPolicyName,
): { open: Claim[]; registry: WorkerRegistry; now: number } {
  const registry = new WorkerRegistry({ heartbeatMs, waitingAllowance: () => waiting, policy });
  const models = ["demo", "limited"];
  registry.applySettings(new Map([["limited", { ...defaultModelSettings, maxConcurrent: modelLimit }]]));
  const open: Claim[] = [];
  const closed: Claim[] = [];
  let now = 100_000;
  const countOf = (id: string): number => open.filter((claim) => claim.workerId === id).length;

  for (const at of steps) {
    if (at.do === "claim") {
      const before = new Map(registry.list(now).map((worker) => [worker.record.id, worker]));
      const result = registry.claim(
        { model: at.model, pools: at.pools, affinityKey: at.affinityKey, tried: new Set(at.tried) },
        now,
      );
      if (result.kind === "claimed") {
        const chosen = before.get(result.claim.workerId);
        expect(chosen?.health).toBe("healthy");
        expect(at.tried).not.toContain(result.claim.workerId);
        if (at.pools !== undefined) expect(at.pools).toContain(chosen?.record.pool);
        expect(chosen?.outstanding).toBeLessThan((chosen?.record.slots ?? 0) + waiting);
        open.push(result.claim);
      }
    } else if (at.do === "release") {
      const [claim] = open.splice(at.pick % Math.max(open.length, 1), 1);
      if (claim !== undefined) {
        expect(registry.release(claim)).toBe(true);
        closed.push(claim);
      }
    } else if (at.do === "releaseAgain") {
      const claim = closed[at.pick % Math.max(closed.length, 1)];
      if (claim !== undefined) expect(registry.release(claim)).toBe(false);
    } else if (at.do === "register") {
      const url = at.isAtSharedUrl ? "http://shared:1" : `http://${at.id}:1`;
      registry.register(
        workerRecord(at.id, {
          url,
          slots: at.slots,
          pool: at.pool,
          models,
          registeredAt: now,
          heartbeatAt: now,
        }),
      );
    } else if (at.do === "all register") {
      for (const id of ids) {
        registry.register(workerRecord(id, { models, registeredAt: now, heartbeatAt: now }));
      }
    } else if (at.do === "heartbeat") {
      registry.heartbeat(
        at.id,
        report({ busySlots: at.busySlots, tokensPerSecond: at.tokensPerSecond }),
        now,
      );
    } else if (at.do === "snapshot") {
      const record = workerRecord(at.id, {
        slots: at.slots,
        models,
        registeredAt: at.isNewLife ? now - at.age : 0,
        heartbeatAt: now - at.age,
        leftAt: at.hasLeft ? now - at.age : null,
        order: at.order,
      });
      registry.mergeSnapshot([record], now);
    } else if (at.do === "restore")
      registry.restore([workerRecord(at.id, { models, heartbeatAt: now - at.age })], now);
    else if (at.do === "leave") registry.leave(at.id, now);
    else if (at.do === "unreachable") registry.markUnreachable(at.id, now);
    else if (at.do === "reachable") registry.markReachable(at.id, now);
    else if (at.do === "error") for (let i = 0; i < at.times; i += 1) registry.markError(at.id, now);
    else if (at.do === "success") registry.markSuccess(at.id);
    else {
      if (at.do === "wait") now += at.ms;
      // Silence is noticed here, and what it means for the ejected.
      registry.sweep(now);
    }

    for (const { record, outstanding } of registry.list(now)) expect(outstanding).toBe(countOf(record.id));
    // A worker with an open claim is never forgotten, so that its count cannot be lost and begin anew.
    for (const claim of open)
      expect(registry.list(now).map(({ record }) => record.id)).toContain(claim.workerId);
    expect(registry.openClaims).toBe(open.length);
    expect(open.filter(({ model }) => model === "limited").length).toBeLessThanOrEqual(modelLimit);
    const isEjected = ({ health, record }: WorkerListing) =>
      health === "ejected" && record.order === "serving";
    const ejected = registry.list(now).filter(isEjected);
    const serving = registry.list(now).filter(({ health }) => health === "healthy");
    // Of those that could serve, and drained, silent and unreachable ones could not.
    expect(ejected.length).toBeLessThanOrEqual(serving.length);
  }
  return { open, registry, now };
}

describe.each(dispatchPolicyNames)("WorkerRegistry with %s under arbitrary interleavings", (policy) => {
  it("keeps to the bounds, chooses only the healthy, and counts exactly the claims that are open", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        replay(steps, policy);
      }),
      { numRuns: 200 },
    );
  });

  it("comes back to zero when every claim has been released", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { open, registry, now } = replay(steps, policy);
        for (const claim of open) expect(registry.release(claim)).toBe(true);
        expect(registry.openClaims).toBe(0);
        for (const { outstanding } of registry.list(now)) expect(outstanding).toBe(0);
        expect(registry.model("demo")?.outstanding ?? 0).toBe(0);
        expect(registry.model("limited")?.outstanding).toBe(0);
      }),
    );
  });

  it("answers the same to the same history", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        expect(replay(steps, policy).open).toEqual(replay(steps, policy).open);
      }),
    );
  });
});

/** Claims n × k places on n equal workers, each held while so many later ones are claimed; counts by worker. */
function shares(
  workers: number,
  rounds: number,
  held: number,
  options: { policy: DispatchPolicyName; random?: () => number },
): number[] {
  const registry = new WorkerRegistry({ heartbeatMs, waitingAllowance: () => 1_000, ...options });
  for (let i = 0; i < workers; i += 1) registry.register(workerRecord(`w${i}`));
  const counts = new Map<string, number>();
  const open: Claim[] = [];
  for (let i = 0; i < workers * rounds; i += 1) {
    const result = registry.claim({ model: "demo", tried: new Set() }, 0);
    if (result.kind !== "claimed") throw new Error("There is room for all.");
    counts.set(result.claim.workerId, (counts.get(result.claim.workerId) ?? 0) + 1);
    open.push(result.claim);
    const oldest = open.length > held ? open.shift() : undefined;
    if (oldest !== undefined) registry.release(oldest);
  }
  return [...counts.values()];
}

describe("equal workers", () => {
  it.each(["least_outstanding", "round_robin"] as const)("get k of n × k requests each by %s", (policy) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 5 }),
        (workers, rounds, held) => {
          const expected = Array.from({ length: workers }, () => rounds);
          expect(shares(workers, rounds, held, { policy })).toEqual(expected);
        },
      ),
    );
  });

  it("get about the same by lottery", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer(), (workers, seed) => {
        const rounds = 400;
        const counts = shares(workers, rounds, 0, { policy: "lottery", random: uniform(seed) });
        expect(counts).toHaveLength(workers);
        // Six standard deviations of a binomial count: a fair draw fails once in a billion.
        const allowed = 6 * Math.sqrt(rounds);
        for (const count of counts) expect(Math.abs(count - rounds)).toBeLessThan(allowed);
      }),
      { numRuns: 30 },
    );
  });
});

/** Mulberry32: a small generator with a seed, good enough to draw lots in a test. */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
