import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { categoryRules, styleRules } from "@/lib/categories";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import type { Outcome } from "@/lib/protocol";
import { recategorize } from "./recategorize";
import { storedAndRecounted } from "./test-support";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** A vote from before there were categories: counted overall, and nothing else is known. */
async function oldVote(prompt: string, outcome: Outcome, [a, b]: readonly [string, string]) {
  const { db } = database;
  const visitorId = uuidv7();
  const battleId = uuidv7();
  await db.visitor.create({ data: { id: visitorId, voteCount: 1 } });
  const response = (side: "a" | "b", attempt: number, text: string) => ({
    ...{ id: uuidv7(), side, attempt, text, status: "finished" as const, leaseUntil: new Date(0) },
  });
  await db.battle.create({
    data: {
      ...{ id: battleId, visitorId, idempotencyKey: battleId, modelAId: a, modelBId: b },
      ...{ policyId: "uniform-1", propensity: 0.5 },
      turns: {
        create: {
          ...{ id: uuidv7(), idempotencyKey: battleId, ordinal: 0, prompt },
          responses: {
            create: [
              response("a", 0, "# A first try that failed\n# and has two headings"),
              response("a", 1, "# One heading\n- item"),
              response("b", 0, "Plain **bold** words."),
            ],
          },
        },
      },
    },
  });
  const elo = { eloABefore: 1000, eloAAfter: 1000, eloBBefore: 1000, eloBAfter: 1000 };
  await db.vote.create({
    data: { id: uuidv7(), battleId, visitorId, idempotencyKey: battleId, outcome, turnCount: 1, ...elo },
  });
  const [lowId, highId] = a < b ? [a, b] : [b, a];
  const isLowA = a === lowId;
  const count = {
    winLow: Number(outcome === (isLowA ? "a" : "b")),
    winHigh: Number(outcome === (isLowA ? "b" : "a")),
    tie: Number(outcome === "tie"),
    bothBad: Number(outcome === "both_bad"),
  };
  await db.pairCount.upsert({
    where: { board_category_lowId_highId: { board: "blind", category: "overall", lowId, highId } },
    create: { board: "blind", category: "overall", lowId, highId, ...count },
    update: {
      ...{ winLow: { increment: count.winLow }, winHigh: { increment: count.winHigh } },
      ...{ tie: { increment: count.tie }, bothBad: { increment: count.bothBad } },
    },
  });
}

describe("recategorize", () => {
  it("gives old votes their categories and styles, and moves the counts with them", async () => {
    const { db } = database;
    const models = [uuidv7(), uuidv7(), uuidv7()] as const;
    for (const id of models) await db.model.create({ data: { id, name: id, displayName: id } });
    const [x, y, z] = models;
    await oldVote("Write a Python function that reverses a list.", "a", [x, y]);
    await oldVote("Write a Python function that sorts a list.", "b", [y, x]);
    await oldVote("What is 17 * 23?", "tie", [z, x]);
    await oldVote("Describe the weather in the mountains in winter.", "both_bad", [y, z]);

    const progress: number[] = [];
    expect(await recategorize(db, { onProgress: (done) => progress.push(done) })).toBe(4);
    expect(progress).toEqual([4]);
    const first = await storedAndRecounted(db);
    expect(first.stored).toEqual(first.recounted);
    const code = await db.pairCount.findMany({ where: { category: "code" } });
    // Both votes on x and y, told from either side, were for x.
    expect(code).toEqual([
      { board: "blind", category: "code", lowId: x, highId: y, winLow: 2, winHigh: 0, tie: 0, bothBad: 0 },
    ]);
    const stored = await db.voteCategory.findMany();
    for (const row of stored) {
      expect(row).toMatchObject({
        board: "blind",
        rulesVersion: categoryRules,
        headersA: 1,
        listsA: 1,
        boldB: 1,
      });
    }
    const answer = await db.response.findFirstOrThrow({ where: { side: "b" } });
    expect(answer).toMatchObject({ styleVersion: styleRules, styleBold: 1, styleHeaders: 0 });

    const revisions = await db.categoryTotal.findMany({ orderBy: { category: "asc" } });
    expect(revisions.find(({ category }) => category === "math")?.votes).toBe(1);
    expect(await recategorize(db)).toBe(0);
    expect(await db.categoryTotal.findMany({ orderBy: { category: "asc" } })).toEqual(revisions);
  });

  it("takes votes out of categories to which they belong no more, and changes nothing where nothing changed", async () => {
    const { db } = database;
    const before = await storedAndRecounted(db);
    // As if older rules had called a vote on mathematics one on code.
    const math = await db.voteCategory.findFirstOrThrow({ where: { categories: { has: "math" } } });
    const wrong = math.categories.map((category) => (category === "math" ? "code" : category)).sort();
    await db.voteCategory.update({
      where: { voteId: math.voteId },
      data: { categories: wrong, rulesVersion: categoryRules - 1 },
    });
    await db.$executeRaw`UPDATE pair_counts SET category = 'code' WHERE category = 'math'`;
    expect(await recategorize(db)).toBe(1);
    expect(await storedAndRecounted(db)).toEqual(before);
    const totals = await db.categoryTotal.findMany({ where: { category: { in: ["code", "math"] } } });
    expect(totals.map(({ category, votes }) => [category, votes]).sort()).toEqual([
      ["code", 2],
      ["math", 1],
    ]);
    expect(await recategorize(db, { all: true })).toBe(4);
    expect(await storedAndRecounted(db)).toEqual(before);
  });

  it("stops when it is told to", async () => {
    await expect(recategorize(database.db, { all: true, signal: AbortSignal.abort() })).rejects.toThrow(
      "aborted",
    );
  });
});
