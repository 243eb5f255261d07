import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { createLeaderboard, type LeaderboardService } from "@/lib/leaderboard";
import { insertVotes } from "@/lib/leaderboard/test-support";
import { simulatePolicy } from "./simulate-policy";
import { offer } from "./test-support";

let database: TestDatabase;
let leaderboard: LeaderboardService;
beforeAll(async () => {
  database = await createTestDatabase();
  await insertVotes(database.db, { models: 8, votes: 4_000 });
  await database.db.model.create({
    data: { id: "01900000-0000-7000-8000-0000000000ff", name: "newcomer", displayName: "Newcomer" },
  });
  leaderboard = createLeaderboard({
    ...{ db: database.db, databaseUrl: database.url, styleRefreshMs: 60_000, secret: "test" },
    logger: pino({ level: "silent" }),
  });
});
afterAll(async () => {
  await leaderboard.close();
  await database.drop();
});

const names = [...Array.from({ length: 8 }, (_, at) => `model-00${at}`), "newcomer"];
const never = new AbortController().signal;
const deps = (served: readonly string[] = names, selfDuelRate = 0) => ({
  ...{ db: database.db, leaderboard, selfDuelRate },
  controller: {
    models: () =>
      served.map((name) => ({
        ...{ ...offer(name), stage: "public" as const },
        ...{ workers: 1, slots: 1, outstanding: 0 },
      })),
  },
});
const seatsOf = (effect: { models: { model: string; votes: number }[] } | null, name: string) =>
  effect?.models.find(({ model }) => model === name)?.votes ?? 0;

describe("simulatePolicy", () => {
  it("shows the same effect twice where nothing would change", async () => {
    const { now, inForce, proposed } = await simulatePolicy(deps(), { votes: 1_000, steps: 4 }, never);
    expect(proposed).toEqual(inForce);
    expect(now).toHaveLength(9);
    expect(now.reduce((sum, { votes }) => sum + votes, 0)).toBe(8_000);
    expect(proposed.models.reduce((sum, { votes }) => sum + votes, 0)).toBeCloseTo(2_000, 6);
    expect(proposed.pairs.reduce((sum, { votes }) => sum + votes, 0)).toBeCloseTo(1_000, 6);
    for (const { model, halfWidth } of proposed.models) {
      const before = now.find((row) => row.model === model)?.halfWidth ?? null;
      if (before === null) expect(model).toBe("newcomer");
      else expect(halfWidth).toBeLessThan(before);
    }
    expect(proposed.points.map(({ votes }) => votes)).toEqual([0, 250, 500, 750, 1_000]);
  });

  it("tells what weights, a newcomer's boost and stages would do, and stores none of it", async () => {
    const proposal = {
      policy: { weights: { "model-002": 4, "model-005": 0 }, newcomerShare: 0 },
      stages: { "model-007": "retired" as const },
      votes: 2_000,
    };
    const { inForce, proposed } = await simulatePolicy(deps(), proposal, never);
    expect(seatsOf(proposed, "model-002")).toBeGreaterThan(1.5 * seatsOf(inForce, "model-002"));
    expect(seatsOf(proposed, "newcomer")).toBeLessThan(seatsOf(inForce, "newcomer"));
    for (const gone of ["model-005", "model-007"]) {
      expect(seatsOf(proposed, gone)).toBe(0);
      expect(proposed.models.find(({ model }) => model === gone)?.isDrawn).toBe(false);
      expect(seatsOf(inForce, gone)).toBeGreaterThan(0);
    }
    expect(await database.db.samplingPolicy.count()).toBe(0);
    expect(await database.db.model.count({ where: { stage: "retired" } })).toBe(0);
  });

  it("leaves out models without a worker unless told otherwise, and votes of self-duels", async () => {
    const few = names.slice(0, 3);
    const served = await simulatePolicy(deps(few, 0.1), { votes: 1_000, steps: 1 }, never);
    expect(served.proposed.pairs).toHaveLength(3);
    expect(served.proposed.pairs.reduce((sum, { votes }) => sum + votes, 0)).toBeCloseTo(900, 6);
    const all = await simulatePolicy(deps(few), { votes: 1_000, steps: 1, isServedOnly: false }, never);
    expect(all.proposed.pairs).toHaveLength(36);
  });

  it("refuses what cannot be, and stops when told to", async () => {
    const of = (proposal: object, signal = never) => simulatePolicy(deps(), proposal, signal);
    await expect(of({ votes: 0 })).rejects.toMatchObject({ code: "invalid_request", param: "votes" });
    await expect(of({ policy: { floor: 0 } })).rejects.toMatchObject({ param: "policy.floor" });
    await expect(of({ policy: { weights: { x: 0.001 } } })).rejects.toMatchObject({
      code: "invalid_request",
    });
    await expect(of({ stages: { nobody: "public" } })).rejects.toMatchObject({ code: "model_not_found" });
    const retired = Object.fromEntries(names.slice(1).map((name) => [name, "retired"]));
    await expect(of({ stages: retired })).rejects.toMatchObject({ code: "not_enough_models" });

    const stop = new AbortController();
    const running = of({ votes: 1_000_000, steps: 50 }, stop.signal);
    stop.abort(new Error("no longer needed"));
    await expect(running).rejects.toThrow("no longer needed");
    // The thread is free again for the next one.
    await expect(of({ steps: 1 })).resolves.toMatchObject({ votes: 5_000 });
  });
});
