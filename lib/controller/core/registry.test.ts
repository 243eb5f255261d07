import { describe, expect, it } from "vitest";
import { WorkerRegistry } from "./registry";
import { servedModels } from "./served-models";
import { report, workerRecord } from "./test-support";
import type { Claim, ClaimRequest } from "./types";
import { defaultWaitingAllowance } from "./worker-places";

const heartbeatMs = 10_000;

function registryOf(): WorkerRegistry {
  return new WorkerRegistry({ heartbeatMs });
}

function claimOn(registry: WorkerRegistry, now: number, options: Partial<ClaimRequest> = {}) {
  return registry.claim({ model: "demo", tried: new Set(), ...options }, now);
}

function workerIdOf(result: ReturnType<WorkerRegistry["claim"]>): string | null {
  return result.kind === "claimed" ? result.claim.workerId : null;
}

function healthOf(registry: WorkerRegistry, now: number, id: string): string | undefined {
  return registry.list(now).find(({ record }) => record.id === id)?.health;
}

describe("claims", () => {
  it("refuses a model that nobody has offered, and one whose workers are all out, with different words", () => {
    const registry = registryOf();
    expect(claimOn(registry, 0)).toEqual({ kind: "refused", reason: "unknown_model" });
    registry.register(workerRecord("a"));
    registry.markUnreachable("a", 0);
    expect(claimOn(registry, 0)).toEqual({ kind: "refused", reason: "none_healthy" });
  });

  it("uses equal workers in turn, also when each request ends before the next begins", () => {
    const registry = registryOf();
    for (const id of ["a", "b", "c"]) registry.register(workerRecord(id));
    const order = Array.from({ length: 9 }, () => {
      const result = claimOn(registry, 0);
      if (result.kind === "claimed") registry.release(result.claim);
      return workerIdOf(result);
    });
    expect(order).toEqual(["a", "b", "c", "a", "b", "c", "a", "b", "c"]);
  });

  it("takes as many as the slots and a quarter of them, so that a free slot has its next request there", () => {
    const registry = registryOf();
    registry.register(workerRecord("a", { slots: 8 }));
    expect(defaultWaitingAllowance(8)).toBe(2);
    for (let i = 0; i < 10; i += 1) expect(workerIdOf(claimOn(registry, 0))).toBe("a");
    expect(claimOn(registry, 0)).toEqual({ kind: "refused", reason: "all_full" });
  });

  it("releases a claim once; the second time has no effect", () => {
    const registry = registryOf();
    registry.register(workerRecord("a"));
    const result = claimOn(registry, 0);
    const other = claimOn(registry, 0);
    expect(result.kind).toBe("claimed");
    if (result.kind !== "claimed" || other.kind !== "claimed") return;
    expect(registry.release(result.claim)).toBe(true);
    expect(registry.release(result.claim)).toBe(false);
    expect(registry.list(0)[0]?.outstanding).toBe(1);
  });

  it("passes over the workers that this request has tried", () => {
    const registry = registryOf();
    registry.register(workerRecord("a"));
    registry.register(workerRecord("b"));
    const claimTrying = (...tried: string[]) => claimOn(registry, 0, { tried: new Set(tried) });
    expect(workerIdOf(claimTrying("a"))).toBe("b");
    expect(claimTrying("a", "b")).toEqual({ kind: "refused", reason: "none_healthy" });
  });

  it("turns from a worker that fails three times in a row until it reports again", () => {
    const registry = registryOf();
    registry.register(workerRecord("a"));
    registry.register(workerRecord("b"));
    for (let i = 0; i < 3; i += 1) registry.markError("a", 0);
    for (let i = 0; i < 4; i += 1) expect(workerIdOf(claimOn(registry, 0))).toBe("b");
    registry.heartbeat("a", report(), 1);
    expect(workerIdOf(claimOn(registry, 1))).toBe("a");
  });
});

describe("a request in line", () => {
  const waits = (registry: WorkerRegistry, options: Partial<ClaimRequest> = {}) =>
    registry.hopelessness({ model: "demo", tried: new Set(), ...options });

  it("waits in vain where no worker that it may use will serve again", () => {
    const registry = registryOf();
    expect(waits(registry)).toBe("unknown_model");
    registry.register(workerRecord("a"));
    registry.register(workerRecord("b"));
    expect(waits(registry)).toBeNull();
    expect(waits(registry, { pools: ["east"] })).toBe("none_healthy");
    expect(waits(registry, { tried: new Set(["a", "b"]) })).toBe("none_healthy");
    registry.mergeSnapshot([workerRecord("a", { order: "draining" })], 0);
    registry.leave("b", 0);
    expect(waits(registry)).toBe("none_healthy");
  });

  it.each<[string, (registry: WorkerRegistry) => void]>([
    ["is unreachable", (registry) => registry.markUnreachable("a", 0)],
    [
      "leaves to be started again",
      (registry) => {
        registry.mergeSnapshot([workerRecord("a", { order: "restarting" })], 0);
        registry.leave("a", 0);
      },
    ],
  ])("does not while its worker %s", (_name, change) => {
    const registry = registryOf();
    registry.register(workerRecord("a"));
    change(registry);
    expect(claimOn(registry, 0)).toEqual({ kind: "refused", reason: "none_healthy" });
    expect(waits(registry)).toBeNull();
  });
});

describe("health", () => {
  it("puts a worker out when two heartbeats are missed, and takes it back with the next", () => {
    const registry = registryOf();
    registry.register(workerRecord("a"));
    expect(healthOf(registry, 2.5 * heartbeatMs, "a")).toBe("healthy");
    expect(healthOf(registry, 2.5 * heartbeatMs + 1, "a")).toBe("out");
    expect(claimOn(registry, 2.5 * heartbeatMs + 1)).toEqual({ kind: "refused", reason: "none_healthy" });
    registry.heartbeat("a", report(), 3 * heartbeatMs);
    expect(healthOf(registry, 3 * heartbeatMs, "a")).toBe("healthy");
  });

  it("asks a worker that has gone quiet before it counts as silent, and takes its answer for a heartbeat", () => {
    const registry = registryOf();
    registry.register(workerRecord("a"));
    const quiet = (now: number) => registry.quiet(now).map(({ id }) => id);
    // A heartbeat that another server has received is seen at most one and a half intervals after the one before.
    expect([quiet(1.5 * heartbeatMs), quiet(2 * heartbeatMs)]).toEqual([[], ["a"]]);
    registry.markReachable("a", 2 * heartbeatMs);
    expect(quiet(3 * heartbeatMs)).toEqual([]);
    expect(healthOf(registry, 4 * heartbeatMs, "a")).toBe("healthy");
    expect(healthOf(registry, 5 * heartbeatMs, "a")).toBe("out");
    // It is asked as long as it is remembered.
    expect(quiet(5 * heartbeatMs)).toEqual(["a"]);
    registry.leave("a", 5 * heartbeatMs);
    expect(quiet(5 * heartbeatMs)).toEqual([]);
  });

  it("puts an unreachable worker out at once, until a heartbeat or a probe", () => {
    const registry = registryOf();
    registry.register(workerRecord("a"));
    expect(registry.markUnreachable("a", 5)).toBe(true);
    expect(registry.markUnreachable("a", 6)).toBe(false);
    expect(registry.toProbe(6).map(({ id }) => id)).toEqual(["a"]);
    registry.markReachable("a", 7);
    expect(healthOf(registry, 7, "a")).toBe("healthy");
    registry.markUnreachable("a", 8);
    registry.heartbeat("a", report(), 9);
    expect(healthOf(registry, 9, "a")).toBe("healthy");
  });

  it("does not take another server's older heartbeat for a recovery", () => {
    const registry = registryOf();
    registry.register(workerRecord("a"));
    registry.markUnreachable("a", 500);
    registry.mergeSnapshot([workerRecord("a", { heartbeatAt: 400 })], 0);
    expect(healthOf(registry, 500, "a")).toBe("out");
    registry.mergeSnapshot([workerRecord("a", { heartbeatAt: 600 })], 0);
    expect(healthOf(registry, 600, "a")).toBe("healthy");
  });

  it("sends nothing to a leaving worker, whose heartbeats change nothing, and forgets it after its last claim", () => {
    const registry = registryOf();
    registry.register(workerRecord("a"));
    const result = claimOn(registry, 0);
    registry.leave("a", 0);
    expect(registry.heartbeat("a", report(), 1)).toBe(true);
    expect(healthOf(registry, 1, "a")).toBe("leaving");
    expect(claimOn(registry, 1)).toEqual({ kind: "refused", reason: "none_healthy" });
    expect(registry.sweep(1).forgotten).toEqual([]);
    if (result.kind === "claimed") registry.release(result.claim);
    expect(registry.sweep(2).forgotten).toEqual(["a"]);
    expect(claimOn(registry, 2)).toEqual({ kind: "refused", reason: "unknown_model" });
  });

  it("reports each change of health once", () => {
    const registry = registryOf();
    registry.register(workerRecord("a"));
    expect(registry.sweep(0).changes).toEqual([]);
    const late = 3 * heartbeatMs;
    expect(registry.sweep(late).changes).toEqual([{ workerId: "a", from: "healthy", to: "out" }]);
    expect(registry.sweep(late).changes).toEqual([]);
  });

  it("forgets a worker that has been silent for sixty heartbeats", () => {
    const registry = registryOf();
    registry.register(workerRecord("a"));
    expect(registry.sweep(60 * heartbeatMs).forgotten).toEqual([]);
    expect(registry.sweep(60 * heartbeatMs + 1).forgotten).toEqual(["a"]);
    expect(registry.heartbeat("a", report(), 60 * heartbeatMs + 2)).toBe(false);
  });
});

describe("registration", () => {
  it("drops what was held against the old life and keeps the claims that are still open", () => {
    const registry = registryOf();
    registry.register(workerRecord("a"));
    const result = claimOn(registry, 0);
    registry.markUnreachable("a", 1);
    registry.leave("a", 0);
    registry.register(workerRecord("a", { registeredAt: 2, heartbeatAt: 2, models: ["other"] }));
    expect(registry.list(2)).toMatchObject([{ health: "healthy", outstanding: 1 }]);
    expect(claimOn(registry, 2)).toEqual({ kind: "refused", reason: "unknown_model" });
    expect(workerIdOf(claimOn(registry, 2, { model: "other" }))).toBe("a");
    if (result.kind === "claimed") expect(registry.release(result.claim)).toBe(true);
    expect(registry.list(2)[0]?.outstanding).toBe(1);
  });

  it("lets another token's worker serve on until the address takes the newcomer's secret", () => {
    const registry = registryOf();
    const url = "http://127.0.0.1:1";
    registry.register(workerRecord("a", { url, joinTokenId: "one" }));
    registry.register(workerRecord("b", { url, joinTokenId: "two", registeredAt: 5, heartbeatAt: 5 }));
    // That it reports says nothing of the address.
    registry.heartbeat("b", report(), 6);
    expect([healthOf(registry, 6, "a"), healthOf(registry, 6, "b")]).toEqual(["healthy", "out"]);
    expect(registry.toProbe(6).map(({ id }) => id)).toEqual(["b"]);
    expect(registry.markReachable("b", 7)).toEqual(["a"]);
    expect([healthOf(registry, 7, "a"), healthOf(registry, 7, "b")]).toEqual(["leaving", "healthy"]);
    // A row that could not be closed comes again: the address is the newcomer's all the same.
    registry.sweep(7);
    registry.mergeSnapshot([workerRecord("a", { url, joinTokenId: "one" })], 8);
    expect([healthOf(registry, 8, "a"), healthOf(registry, 8, "b")]).toEqual(["out", "healthy"]);
  });

  it("sees the same contest in the rows of other servers, in whatever order they come", () => {
    const url = "http://127.0.0.1:1";
    const elder = workerRecord("b", { url, joinTokenId: "one" });
    const younger = workerRecord("a", { url, joinTokenId: null, registeredAt: 5, heartbeatAt: 5 });
    for (const rows of [
      [elder, younger],
      [younger, elder],
    ]) {
      const registry = registryOf();
      registry.restore(rows, 6);
      expect([healthOf(registry, 6, "b"), healthOf(registry, 6, "a")]).toEqual(["healthy", "out"]);
    }
  });

  it("lets go of another worker at the same address, for an address has one listener", () => {
    const registry = registryOf();
    registry.register(workerRecord("a", { url: "http://127.0.0.1:1" }));
    registry.register(workerRecord("b", { url: "http://127.0.0.1:1" }));
    expect(healthOf(registry, 0, "a")).toBe("leaving");
    expect(workerIdOf(claimOn(registry, 0))).toBe("b");
  });
});

describe("shared rows", () => {
  it("routes to restored rows at once, and to those that missed heartbeats only after a probe", () => {
    const registry = registryOf();
    const now = 100_000;
    registry.restore([workerRecord("fresh", { heartbeatAt: now - 5_000 }), workerRecord("stale")], now);
    expect(workerIdOf(claimOn(registry, now))).toBe("fresh");
    expect(healthOf(registry, now, "stale")).toBe("out");
    expect(registry.toProbe(now).map(({ id }) => id)).toEqual(["stale"]);
    registry.markReachable("stale", now);
    expect(healthOf(registry, now, "stale")).toBe("healthy");
    expect(healthOf(registry, now + 3 * heartbeatMs, "stale")).toBe("out");
  });

  it("restores no row of a worker that has left", () => {
    const registry = registryOf();
    registry.restore([workerRecord("a", { leftAt: 1 })], 2);
    expect(registry.list(2)).toEqual([]);
  });

  it("takes over registrations, heartbeats and farewells that other servers received", () => {
    const registry = registryOf();
    registry.mergeSnapshot([workerRecord("a")], 0);
    expect(workerIdOf(claimOn(registry, 0))).toBe("a");
    registry.mergeSnapshot([workerRecord("a", { heartbeatAt: 30_000, busySlots: 3 })], 0);
    expect(registry.list(40_000)[0]).toMatchObject({ health: "healthy", record: { busySlots: 3 } });
    registry.mergeSnapshot([workerRecord("a", { heartbeatAt: 30_000, leftAt: 31_000 })], 0);
    expect(healthOf(registry, 31_000, "a")).toBe("leaving");
  });

  it("ignores a farewell that is older than the registration it knows", () => {
    const registry = registryOf();
    registry.register(workerRecord("a", { registeredAt: 50, heartbeatAt: 50 }));
    registry.mergeSnapshot([workerRecord("a", { leftAt: 40 })], 0);
    expect(healthOf(registry, 50, "a")).toBe("healthy");
  });
});

describe("servedModels", () => {
  it("sums over healthy workers and lets the latest registration describe the model", () => {
    const registry = registryOf();
    registry.register(workerRecord("a", { models: ["demo", "solo"] }));
    registry.register(workerRecord("b", { registeredAt: 5, heartbeatAt: 5 }));
    registry.register(workerRecord("c", { models: ["gone"] }));
    registry.leave("c", 0);
    const claims: Claim[] = [];
    for (let i = 0; i < 3; i += 1) {
      const result = claimOn(registry, 5);
      if (result.kind === "claimed") claims.push(result.claim);
    }
    const served = servedModels(registry.list(5), () => "public");
    expect(
      served.map(({ name, workers, slots, outstanding }) => ({ name, workers, slots, outstanding })),
    ).toEqual([
      { name: "demo", workers: 2, slots: 8, outstanding: 3 },
      { name: "solo", workers: 1, slots: 4, outstanding: 2 },
    ]);
    expect(served[0]?.displayName).toBe("demo of b");
  });
});
