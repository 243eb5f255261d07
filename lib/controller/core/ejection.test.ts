import { describe, expect, it } from "vitest";
import { WorkerRegistry } from "./registry";
import { report, workerRecord } from "./test-support";

const heartbeatMs = 1_000_000;

function registryWith(...ids: string[]): WorkerRegistry {
  const registry = new WorkerRegistry({ heartbeatMs });
  for (const id of ids) registry.register(workerRecord(id));
  return registry;
}

function fail(registry: WorkerRegistry, id: string, times: number, now = 0): boolean[] {
  return Array.from({ length: times }, () => registry.markError(id, now));
}

const healthOf = (registry: WorkerRegistry, id: string, now = 0) =>
  registry.list(now).find(({ record }) => record.id === id)?.health;
const due = (registry: WorkerRegistry, now: number) => registry.toProbe(now).map(({ id }) => id);

describe("ejection", () => {
  it("comes with the fifth error in a row, and heartbeats are no success", () => {
    const registry = registryWith("a", "b");
    fail(registry, "a", 4);
    registry.markSuccess("a");
    expect(fail(registry, "a", 4)).toEqual([false, false, false, false]);
    registry.heartbeat("a", report(), 1);
    expect(fail(registry, "a", 1)).toEqual([true]);
    expect(healthOf(registry, "a")).toBe("ejected");
    for (let i = 0; i < 5; i += 1) {
      expect(registry.claim({ model: "demo", tried: new Set() }, 0)).toMatchObject({
        claim: { workerId: "b" },
      });
    }
  });

  it("lasts 30 s and then needs a probe; the next one lasts longer and comes with the next error", () => {
    const registry = registryWith("a", "b");
    fail(registry, "a", 5);
    registry.heartbeat("a", report(), 10_000);
    registry.markReachable("a", 29_999);
    expect([healthOf(registry, "a"), due(registry, 29_999)]).toEqual(["ejected", []]);
    expect([healthOf(registry, "a"), due(registry, 30_000)]).toEqual(["ejected", ["a"]]);
    registry.markReachable("a", 30_000);
    expect(healthOf(registry, "a")).toBe("healthy");
    expect(fail(registry, "a", 1, 31_000)).toEqual([true]);
    expect([due(registry, 90_999), due(registry, 91_000)]).toEqual([[], ["a"]]);
  });

  it("counts anew after five good minutes", () => {
    const registry = registryWith("a", "b");
    fail(registry, "a", 5);
    registry.markReachable("a", 30_000);
    registry.markSuccess("a");
    const later = 30_000 + 300_001;
    fail(registry, "a", 5, later);
    expect(due(registry, later + 30_000)).toEqual(["a"]);
  });

  it("never takes more than half of a model's workers, so never the only one", () => {
    const single = registryWith("a");
    expect(fail(single, "a", 9)).not.toContain(true);
    const three = registryWith("a", "b", "c");
    for (const id of ["a", "b", "c"]) fail(three, id, 9);
    expect(["a", "b", "c"].map((id) => healthOf(three, id))).toEqual(["ejected", "healthy", "healthy"]);
  });

  it("counts only workers that could serve: not the drained, the unreachable and the silent", () => {
    const drained = registryWith("a", "b", "c", "d");
    for (const id of ["c", "d"]) drained.mergeSnapshot([workerRecord(id, { order: "draining" })], 0);
    for (const id of ["a", "b"]) fail(drained, id, 9);
    expect(["a", "b"].map((id) => healthOf(drained, id))).toEqual(["ejected", "healthy"]);

    const unreachable = registryWith("a", "b", "c");
    fail(unreachable, "a", 5);
    unreachable.markUnreachable("b", 0);
    expect(healthOf(unreachable, "a")).toBe("ejected");
    unreachable.markUnreachable("c", 0);
    expect(healthOf(unreachable, "a")).toBe("healthy");

    const silent = registryWith("a", "b", "c");
    fail(silent, "a", 5);
    const late = 3 * heartbeatMs;
    silent.heartbeat("a", report(), late);
    silent.sweep(late);
    expect(["a", "b", "c"].map((id) => healthOf(silent, id, late))).toEqual(["healthy", "out", "out"]);
  });

  it("ends early for the first in line when others leave", () => {
    const registry = registryWith("a", "b", "c", "d");
    fail(registry, "a", 5, 0);
    fail(registry, "b", 5, 1);
    registry.leave("c", 0);
    expect([healthOf(registry, "a"), healthOf(registry, "b")]).toEqual(["healthy", "ejected"]);
    registry.leave("d", 0);
    registry.leave("a", 0);
    expect(healthOf(registry, "b")).toBe("healthy");
  });

  it("ends with a new registration", () => {
    const registry = registryWith("a", "b");
    fail(registry, "a", 5);
    registry.register(workerRecord("a", { registeredAt: 5, heartbeatAt: 5 }));
    expect(healthOf(registry, "a", 5)).toBe("healthy");
    expect(fail(registry, "a", 4, 5)).not.toContain(true);
  });
});
