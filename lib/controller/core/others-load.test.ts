import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { othersLoad } from "./others-load";
import { WorkerRegistry } from "./registry";
import { report, workerRecord } from "./test-support";

describe("othersLoad", () => {
  it("is what the worker reports beyond our own", () => {
    expect(othersLoad({ busySlots: 4, queued: 3 }, 2)).toBe(5);
    expect(othersLoad({ busySlots: 1, queued: 0 }, 2)).toBe(0);
  });

  it("is never more than there were, whatever our own did since the report before", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.array(fc.nat(20), { minLength: 1 }), (others, own) => {
        const peak = Math.max(...own);
        for (const atReport of own) {
          const estimate = othersLoad({ busySlots: atReport + others, queued: 0 }, peak);
          expect(estimate).toBeLessThanOrEqual(others);
          if (atReport === peak) expect(estimate).toBe(others);
        }
      }),
    );
  });

  it("turns a server to the worker that other servers use less, and takes nothing from the bound", () => {
    const registry = new WorkerRegistry({ heartbeatMs: 10_000 });
    for (const id of ["a", "b"]) registry.register(workerRecord(id));
    registry.heartbeat("a", report({ busySlots: 3 }), 1);
    registry.mergeSnapshot([workerRecord("b", { heartbeatAt: 2, busySlots: 1 })], 0);
    const claimed = () => registry.claim({ model: "demo", tried: new Set() }, 3);
    // One more at "b" makes two of four against three of four, and so on until both promise the same.
    expect([claimed(), claimed()]).toMatchObject([
      { claim: { workerId: "b" } },
      { claim: { workerId: "b" } },
    ]);
    let count = 2;
    while (claimed().kind === "claimed") count += 1;
    expect(count).toBe(10);
  });

  it("does not take our own requests, ended since, for those of others", () => {
    const registry = new WorkerRegistry({ heartbeatMs: 10_000 });
    registry.register(workerRecord("a"));
    const result = registry.claim({ model: "demo", tried: new Set() }, 0);
    if (result.kind === "claimed") registry.release(result.claim);
    registry.heartbeat("a", report({ busySlots: 1 }), 1);
    expect(registry.list(1)[0]?.others).toBe(0);
  });
});
