import { describe, expect, it } from "vitest";
import { WorkerRegistry } from "./registry";
import { servedModels } from "./served-models";
import { workerRecord } from "./test-support";
import { type ClaimRequest, defaultModelSettings, type ModelSettings } from "./types";

function registryWith(settings: Partial<ModelSettings>): WorkerRegistry {
  const registry = new WorkerRegistry({ heartbeatMs: 10_000 });
  registry.applySettings(new Map([["demo", { ...defaultModelSettings, ...settings }]]));
  registry.register(workerRecord("a"));
  registry.register(workerRecord("b", { pool: "east" }));
  return registry;
}

const claim = (registry: WorkerRegistry, request: Partial<ClaimRequest> = {}) =>
  registry.claim({ model: "demo", tried: new Set(), ...request }, 0);

describe("stages", () => {
  it("hide a retired model from everyone, an experimental one from requests that do not ask for it", () => {
    const refused = { kind: "refused", reason: "unknown_model" };
    const retired = registryWith({ stage: "retired" });
    expect(claim(retired, { allowExperimental: true })).toEqual(refused);
    const experimental = registryWith({ stage: "experimental" });
    expect(claim(experimental)).toEqual(refused);
    expect(claim(experimental, { allowExperimental: true }).kind).toBe("claimed");
    const served = (registry: WorkerRegistry) =>
      servedModels(registry.list(0), (name) => registry.model(name)?.settings.stage ?? "public");
    expect(served(retired)).toEqual([]);
    expect(served(experimental)).toMatchObject([{ name: "demo", stage: "experimental" }]);
  });

  it("change while the site runs, and fall back to public when the setting is gone", () => {
    const registry = registryWith({ stage: "retired" });
    registry.applySettings(new Map());
    expect(claim(registry).kind).toBe("claimed");
  });
});

describe("a model's limit", () => {
  it("holds over all its workers, and counts what was claimed before it was set", () => {
    const registry = registryWith({});
    const first = claim(registry);
    registry.applySettings(new Map([["demo", { ...defaultModelSettings, maxConcurrent: 2 }]]));
    expect(claim(registry).kind).toBe("claimed");
    expect(claim(registry)).toEqual({ kind: "refused", reason: "all_full" });
    if (first.kind === "claimed") registry.release(first.claim);
    expect(claim(registry).kind).toBe("claimed");
  });
});

describe("pools", () => {
  it("restrict a request to their workers", () => {
    const registry = registryWith({});
    for (let i = 0; i < 4; i += 1) {
      expect(claim(registry, { pools: ["east"] })).toMatchObject({ claim: { workerId: "b" } });
    }
  });

  it("without a worker that offers the model do not have it; with one that is out they may have it again", () => {
    const registry = registryWith({});
    expect(claim(registry, { pools: ["west"] })).toEqual({ kind: "refused", reason: "unknown_model" });
    expect(claim(registry, { pools: [] })).toEqual({ kind: "refused", reason: "unknown_model" });
    registry.markUnreachable("b", 0);
    expect(claim(registry, { pools: ["east"] })).toEqual({ kind: "refused", reason: "none_healthy" });
  });

  it("take over a worker that the operator has moved", () => {
    const registry = registryWith({});
    registry.mergeSnapshot([workerRecord("a", { pool: "west" })], 0);
    expect(claim(registry, { pools: ["west"] })).toMatchObject({ claim: { workerId: "a" } });
  });
});
