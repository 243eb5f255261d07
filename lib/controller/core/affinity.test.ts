import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AffinityMap, affinityKeyOf } from "./affinity";
import { WorkerRegistry } from "./registry";
import { workerRecord } from "./test-support";

describe("AffinityMap", () => {
  it("remembers the latest worker of the most recently used keys, and no more than its capacity", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.tuple(fc.nat(9).map(String), fc.nat(3).map(String)), { maxLength: 60 }),
        (capacity, uses) => {
          const map = new AffinityMap(capacity);
          for (const [key, worker] of uses) map.remember(key, worker);
          const keys = [...new Set(uses.map(([key]) => key).reverse())];
          for (const [place, key] of keys.entries()) {
            const latest = uses.findLast(([used]) => used === key)?.[1];
            expect(map.workerOf(key)).toBe(place < capacity ? latest : null);
          }
          expect(map.size).toBe(Math.min(capacity, keys.length));
        },
      ),
    );
  });
});

describe("affinityKeyOf", () => {
  it("is the same for what begins alike, and differs by order and border", () => {
    expect(affinityKeyOf(["m", "hello"])).toBe(affinityKeyOf(["m", "hello"]));
    expect(affinityKeyOf(["x".repeat(600)])).toBe(affinityKeyOf(["x".repeat(700)]));
    const different = [["m", "hello"], ["mh", "ello"], ["hello", "m"], ["m", "hello", ""], []];
    expect(new Set(different.map(affinityKeyOf)).size).toBe(different.length);
  });
});

describe("affinity in the registry", () => {
  it("brings a conversation back to its worker while that one is as free as the others", () => {
    const registry = new WorkerRegistry({ heartbeatMs: 10_000 });
    for (const id of ["a", "b", "c"]) registry.register(workerRecord(id));
    const claim = (affinityKey?: string) => {
      const result = registry.claim({ model: "demo", tried: new Set(), affinityKey }, 0);
      if (result.kind !== "claimed") throw new Error("There is room for all.");
      return result.claim;
    };
    const first = claim("talk");
    registry.release(first);
    registry.release(claim());
    const again = claim("talk");
    expect(again.workerId).toBe(first.workerId);
    // It is busy now: the tie is gone, and another one is warmed.
    expect(claim("talk").workerId).not.toBe(first.workerId);
  });
});
