import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Controller } from "@/lib/controller";
import type { Database } from "@/lib/db";
import type { Fitted, LeaderboardService } from "@/lib/leaderboard";
import { fitBoard, type PairCounts, seededRandom } from "@/lib/rating";
import {
  type Candidate,
  createPairSampler,
  drawFrom,
  preparePolicy,
  samplingOptionsSchema,
} from "./sample-pair";

const options = samplingOptionsSchema.parse({});
const ids = (count: number) => Array.from({ length: count }, (_, at) => `model-${at}`);
const candidatesOf = (modelIds: readonly string[], organization: string | null = null): Candidate[] =>
  modelIds.map((id) => ({ id, name: id, organization }));

/** A board on which every pair has so many votes, a little in favour of the first. */
function fittedBoard(modelIds: readonly string[], votesEach: number): Fitted {
  const pairs: PairCounts[] = modelIds.flatMap((_, i) =>
    modelIds.slice(i + 1).map((_other, at) => ({
      ...{ i, j: i + 1 + at, winI: Math.ceil(votesEach * 0.6), winJ: Math.floor(votesEach * 0.4) },
      ...{ tie: 0, bothBad: 0 },
    })),
  );
  return {
    ...{
      modelIds,
      pairs,
      board: fitBoard(modelIds.length, pairs),
      votes: pairs.length * votesEach,
      voters: 1,
    },
    ...{ inputsHash: "", key: { board: "blind", category: "overall" } as const },
    ...{ snapshotId: "1", fittedAt: new Date(0), revision: 1, boardRevision: 1 },
  };
}
const noVotes: Fitted = { ...fittedBoard(["x", "y"], 0), modelIds: [], votes: 0, board: fitBoard(1, []) };

describe("preparePolicy", () => {
  it("draws every ordered pair with the same chance while there are few votes", () => {
    const prepared = preparePolicy(candidatesOf(ids(3)), noVotes, options, 0);
    expect(prepared.policyId).toBe("uniform-1");
    const random = seededRandom(1);
    const seen = new Map<string, number>();
    for (let draw = 0; draw < 6_000; draw++) {
      const { modelAId, modelBId, propensity } = drawFrom(prepared, random);
      expect(propensity).toBeCloseTo(1 / 6, 12);
      seen.set(`${modelAId}>${modelBId}`, (seen.get(`${modelAId}>${modelBId}`) ?? 0) + 1);
    }
    expect(seen.size).toBe(6);
    for (const count of seen.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it("draws as often as the propensity that it states", () => {
    const modelIds = ids(5);
    const prepared = preparePolicy(candidatesOf(modelIds), fittedBoard(modelIds, 300), options, 7);
    expect(prepared.policyId).toBe("adaptive-1:7");
    const random = seededRandom(2);
    const draws = 40_000;
    const seen = new Map<string, { count: number; propensity: number }>();
    for (let draw = 0; draw < draws; draw++) {
      const { modelAId, modelBId, propensity } = drawFrom(prepared, random);
      const entry = seen.get(`${modelAId}>${modelBId}`) ?? { count: 0, propensity };
      seen.set(`${modelAId}>${modelBId}`, { ...entry, count: entry.count + 1 });
    }
    const total = [...seen.values()].reduce((sum, { propensity }) => sum + propensity, 0);
    expect(total).toBeCloseTo(1, 9);
    for (const { count, propensity } of seen.values()) {
      const error = Math.sqrt((propensity * (1 - propensity)) / draws);
      expect(Math.abs(count / draws - propensity)).toBeLessThan(5 * error);
    }
  });

  it("draws candidates only, never one against itself, newcomers more often", () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 7 }), fc.integer(), (count, seed) => {
        const modelIds = ids(8);
        const served = [...modelIds.slice(0, count), "newcomer"];
        const prepared = preparePolicy(candidatesOf(served), fittedBoard(modelIds, 200), options, 0);
        const random = seededRandom(seed);
        let newcomers = 0;
        for (let draw = 0; draw < 300; draw++) {
          const { modelAId, modelBId } = drawFrom(prepared, random);
          expect(served).toContain(modelAId);
          expect(served).toContain(modelBId);
          expect(modelAId).not.toBe(modelBId);
          newcomers += Number(modelAId === "newcomer" || modelBId === "newcomer");
        }
        // Two seats a battle; what the newcomer leaves is shared by the others.
        const share = newcomers / 300;
        expect(share).toBeGreaterThan((2 - share) / count - 0.05);
      }),
      { numRuns: 30 },
    );
  });

  it("keeps one organization to its share of seats", () => {
    const modelIds = ids(6);
    const candidates = modelIds.map((id, at) => ({
      id,
      name: id,
      organization: at < 3 ? "big" : `small-${at}`,
    }));
    const capped = { ...options, organizationCap: 0.5, floor: 0.1 };
    const { policy } = preparePolicy(candidates, fittedBoard(modelIds, 300), capped, 0);
    let seats = 0;
    policy.probability.forEach((chance, at) => {
      seats += (chance * (Number((policy.i[at] ?? 9) < 3) + Number((policy.j[at] ?? 9) < 3))) / 2;
    });
    expect(seats).toBeLessThanOrEqual(0.5 + 1e-9);
  });
});

describe("the sampler", () => {
  const sampler = (models: readonly string[], selfDuelRate: number, seed = 3, stored: object | null = null) =>
    createPairSampler({
      db: {
        model: { findMany: async () => candidatesOf(models) },
        samplingPolicy: { findFirst: async () => stored },
      } as unknown as Database,
      controller: { models: () => [] } as Pick<Controller, "models">,
      leaderboard: { latestFit: async () => noVotes } as Pick<LeaderboardService, "latestFit">,
      random: seededRandom(seed),
      selfDuelRate,
    });

  it.each([[[]], [["only"]]])("refuses %j: a battle needs two models", async (models) => {
    await expect(sampler(models, 0.5).draw()).rejects.toMatchObject({ code: "not_enough_models" });
  });

  it("leaves out what it is told to leave out", async () => {
    const models = ids(3);
    for (let seed = 0; seed < 20; seed++) {
      const { modelAId, modelBId } = await sampler(models, 0, seed).draw(new Set(["model-1"]));
      expect([modelAId, modelBId].sort()).toEqual(["model-0", "model-2"]);
    }
    await expect(sampler(models, 0).draw(new Set(["model-0", "model-1"]))).rejects.toMatchObject({
      code: "not_enough_models",
    });
  });

  it("draws by the weights of the policy in force, and nothing whose weight is 0", async () => {
    const stored = { id: 4, options: { weights: { "model-0": 0, "model-3": 3 } } };
    const { draw } = sampler(ids(4), 0, 3, stored);
    const seats = new Map<string, number>();
    for (let count = 0; count < 3_000; count++) {
      const { modelAId, modelBId, policyId, propensity } = await draw();
      expect(policyId).toBe("uniform-1:4");
      // Pairs 1-2, 1-3, 2-3 as 1 : 3 : 3, either way round.
      const isHeavy = [modelAId, modelBId].includes("model-3");
      expect(propensity).toBeCloseTo(isHeavy ? 3 / 14 : 1 / 14, 12);
      for (const id of [modelAId, modelBId]) seats.set(id, (seats.get(id) ?? 0) + 1);
    }
    expect(seats.has("model-0")).toBe(false);
    expect(Math.abs((seats.get("model-3") ?? 0) / 3_000 - 6 / 7)).toBeLessThan(0.03);
    const alone = { id: 5, options: { weights: { "model-0": 0, "model-1": 0, "model-2": 0 } } };
    await expect(sampler(ids(4), 0, 3, alone).draw()).rejects.toMatchObject({ code: "not_enough_models" });
  });

  it("lets models meet themselves at the rate given, and states the chance of either kind", async () => {
    const { draw } = sampler(ids(4), 0.25);
    let self = 0;
    for (let count = 0; count < 4_000; count++) {
      const { modelAId, modelBId, policyId, propensity } = await draw();
      expect(policyId === "self-1").toBe(modelAId === modelBId);
      expect(propensity).toBeCloseTo(modelAId === modelBId ? 0.25 / 4 : 0.75 / 12, 12);
      self += Number(modelAId === modelBId);
    }
    expect(Math.abs(self / 4_000 - 0.25)).toBeLessThan(0.03);
  });
});
