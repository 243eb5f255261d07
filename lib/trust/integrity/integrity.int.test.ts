import { randomUUID } from "node:crypto";
import { Client } from "pg";
import pino from "pino";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { castVote, type Scripts, scriptedArena, startBattle } from "@/lib/arena/test-support";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { countVote } from "@/lib/leaderboard";
import { storedAndRecounted } from "@/lib/leaderboard/test-support";
import { seededRandom } from "@/lib/rating";
import { defaultSettings } from "@/lib/settings";
import { verifyChain } from "@/lib/votes";
import { createIntegrityKeeper, createNetworkHashes, listExclusions, reverseExclusion } from "..";
import { honestOutcome, makeWorld } from "../redteam/world";

const actor = { kind: "cli", label: "tests" } as const;
const logger = pino({ level: "silent" });
const secret = "s".repeat(32);

let database: TestDatabase;
let connection: Client;
beforeAll(async () => {
  database = await createTestDatabase();
  connection = new Client({ connectionString: database.url });
  await connection.connect();
});
afterAll(async () => {
  await connection.end();
  await database.drop();
});

function keeper(change: Partial<ReturnType<typeof defaultSettings>["integrity"]> = {}) {
  const integrity = {
    ...defaultSettings().integrity,
    minVoteMs: 0,
    maxCharactersPerSecond: 1_000_000,
    ...change,
  };
  return createIntegrityKeeper({ db: database.db, secret, integrity: () => integrity, logger });
}

const models = ["falcon-7x", "osprey-9x"];

async function voted(scripts: Scripts, prompt: string, visitorId = randomUUID() as string) {
  const { arena } = await scriptedArena(database.db, models, scripts);
  const battle = await startBattle(arena, visitorId, { prompt, idempotencyKey: randomUUID() });
  const live = await arena.live.open(battle.id, visitorId);
  await live.settled();
  const request = { outcome: "a", idempotencyKey: randomUUID() } as const;
  const network = await createNetworkHashes(database.db).of("203.0.113.9");
  await castVote(arena, visitorId, battle.id, request, network);
  const vote = await database.db.vote.findUniqueOrThrow({ where: { battleId: battle.id } });
  return { arena, battle, request, voteId: vote.id, visitorId };
}

async function expectCountsToAgree(): Promise<void> {
  const { stored, recounted } = await storedAndRecounted(database.db);
  expect(stored).toEqual(recounted);
  expect((await verifyChain(connection)).problems).toEqual([]);
}

const plain: Scripts = () => ({ pieces: ["Four", "."] });

describe("a vote", () => {
  it("that came faster than a person can act is kept, marked and not counted", async () => {
    const { voteId } = await voted(plain, "fast");
    await keeper({ minVoteMs: 60_000 }).runNow();
    const [line] = await listExclusions(database.db, { voteId });
    expect(line).toMatchObject({ reason: "too_fast", votes: 1, by: { kind: "system", ruleVersion: 1 } });
    expect(line?.firstVotes[0]?.evidence).toMatchObject({
      ...{ kind: "too_fast", minAfterMs: 60_000, sinceEnd: expect.any(Number) },
    });
    expect(await database.db.vote.count({ where: { id: voteId } })).toBe(1);
    await expectCountsToAgree();
  });

  it("on an answer that said what it is does not count, with the words as evidence", async () => {
    const leaking: Scripts = (model) => ({ pieces: ["Well. ", `I am ${model}.`] });
    const { voteId } = await voted(leaking, "who are you");
    await keeper().runNow();
    const [line] = await listExclusions(database.db, { voteId });
    expect(line).toMatchObject({ reason: "identity_leak" });
    expect(line?.firstVotes[0]?.evidence).toMatchObject({
      ...{ kind: "identity_leak", how: "self_identification" },
      ...{ side: "a", turn: 0, at: 6, match: expect.stringMatching(/^I am \S/) },
    });
    await expectCountsToAgree();
  });

  it("on a prompt that has had its votes does not count", async () => {
    const visitorId = randomUUID();
    for (let time = 0; time < 4; time++) await voted(plain, `The SAME prompt${"!".repeat(time)}`, visitorId);
    await keeper().runNow();
    const lines = await listExclusions(database.db, { reason: "duplicate_prompt" });
    expect(lines).toMatchObject([{ votes: 1, firstVotes: [{ visitorId, evidence: { ownVotesBefore: 3 } }] }]);
    const checks = await database.db.voteCheck.findMany({ where: { vote: { visitorId } } });
    expect(new Set(checks.map(({ promptHash }) => Buffer.from(promptHash ?? []).toString("hex"))).size).toBe(
      1,
    );
    await expectCountsToAgree();
  });

  it("is one a battle, whoever sends how many at the same moment, and each reply tells the same", async () => {
    const { arena } = await scriptedArena(database.db, models, plain);
    const visitorId = randomUUID();
    const battle = await startBattle(arena, visitorId, { prompt: "race", idempotencyKey: randomUUID() });
    await (await arena.live.open(battle.id, visitorId)).settled();
    const before = await database.db.vote.count();
    const results = await Promise.allSettled(
      Array.from({ length: 100 }, (_, index) =>
        castVote(arena, visitorId, battle.id, {
          outcome: index % 2 === 0 ? "a" : "b",
          idempotencyKey: randomUUID(),
        }),
      ),
    );
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const result of results)
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "already_voted" });
    expect(await database.db.vote.count()).toBe(before + 1);
    await expectCountsToAgree();
  });

  it("that is sent again is answered again, and neither stored nor counted twice", async () => {
    const { arena, battle, request, visitorId } = await voted(plain, "again");
    const before = await database.db.vote.count();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => castVote(arena, visitorId, battle.id, request)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer.vote))).size).toBe(1);
    expect(await database.db.vote.count()).toBe(before);
    await expectCountsToAgree();
  });

  it("keeps where it came from as a hash of the day, never an address", async () => {
    const origins = await database.db.voteOrigin.findMany();
    expect(origins.length).toBeGreaterThan(0);
    expect(origins.every(({ network }) => network.length === 16)).toBe(true);
    const [text] = await database.db.$queryRaw<
      { all: string }[]
    >`SELECT json_agg(o)::text AS all FROM vote_origins AS o`;
    expect(text?.all).not.toContain("203.0.113");
    // Another server knows the same key; another day has another one.
    const now = createNetworkHashes(database.db);
    const later = createNetworkHashes(database.db, () => Date.now() + 86_400_000);
    expect(await now.of("203.0.113.9")).toEqual(await createNetworkHashes(database.db).of("203.0.113.200"));
    expect(await now.of("203.0.113.9")).not.toEqual(await later.of("203.0.113.9"));
  });
});

describe("voters whose votes are no opinions", () => {
  const world = makeWorld({ models: 6, spread: 300 });
  const idOf = (index: number) => `01a00000-0000-7000-8000-${String(index).padStart(12, "0")}`;
  const target = 3;

  /** Writes votes as the site does, without the battles' texts. */
  async function cast(
    visitorId: string,
    choose: (a: number, b: number) => "a" | "b" | "tie" | "both_bad",
    votes: number,
    seed: number,
  ) {
    const { db } = database;
    const random = seededRandom(seed);
    for (let turn = 0; turn < votes; turn++) {
      const a = Math.floor(random() * 6);
      const b = (a + 1 + Math.floor(random() * 5)) % 6;
      const [modelAId, modelBId] = [idOf(a), idOf(b)];
      const [battleId, voteId] = [uuidv7(), uuidv7()];
      const outcome = choose(a, b);
      await db.$transaction(async (tx) => {
        await tx.visitor.upsert({ where: { id: visitorId }, create: { id: visitorId }, update: {} });
        const key = { visitorId, idempotencyKey: randomUUID() };
        await tx.battle.create({
          data: { id: battleId, ...key, modelAId, modelBId, policyId: "uniform-1", propensity: 0.1 },
        });
        const elo = { eloABefore: 1000, eloAAfter: 1000, eloBBefore: 1000, eloBAfter: 1000 };
        await tx.vote.create({ data: { id: voteId, battleId, ...key, outcome, turnCount: 1, ...elo } });
        await tx.voteCategory.create({
          data: {
            ...{ voteId, board: "blind", rulesVersion: 1, tokensA: 1, tokensB: 1, headersA: 0, headersB: 0 },
            ...{ boldA: 0, boldB: 0, listsA: 0, listsB: 0 },
          },
        });
        await countVote(tx, {
          voteId,
          board: "blind",
          categories: [],
          modelAId,
          modelBId,
          visitorId,
          outcome,
        });
      });
    }
  }

  it("are found while honest ones are left alone, stay out until somebody takes it back, and then start anew", async () => {
    const { db } = database;
    await db.model.createMany({
      data: world.modelIds.map((name, index) => ({ id: idOf(index), name, displayName: name })),
    });
    const crowd = seededRandom(5);
    const mean = { skill: 1, ties: 1, badShare: 0.4, left: 0 };
    const honest = Array.from({ length: 12 }, () => uuidv7());
    for (const [index, visitorId] of honest.entries())
      await cast(visitorId, (a, b) => honestOutcome(world, a, b, mean, crowd), 40, index);
    const judge = keeper({ samePromptOverall: 1_000_000 });
    await judge.runNow();

    const farm = Array.from({ length: 3 }, () => uuidv7());
    for (const [index, visitorId] of farm.entries())
      await cast(
        visitorId,
        (a, b) => (a === target ? "a" : b === target ? "b" : honestOutcome(world, a, b, mean, crowd)),
        60,
        100 + index,
      );
    const contrarian = uuidv7();
    await cast(contrarian, (a, b) => (a < b ? "b" : "a"), 40, 200);
    await judge.runNow();

    const lines = await listExclusions(db, { reason: "anomalous_voter", state: "active" });
    const caught = lines.map(({ firstVotes }) => firstVotes[0]?.visitorId);
    expect([...new Set(caught)].sort()).toEqual([...farm, contrarian].sort());
    const ofFarm = lines.find(({ firstVotes }) => firstVotes[0]?.visitorId === farm[0]);
    expect(ofFarm?.evidence).toMatchObject({
      ...{ kind: expect.stringMatching(/^(anomaly|campaign)$/), logE: expect.any(Number) },
      ...{ subject: "visitor", subjectId: farm[0] },
      leading: { kind: "favours", modelId: idOf(target) },
    });
    // It takes the target back down.
    const move = ofFarm?.effect.find(({ modelId }) => modelId === idOf(target));
    expect((move?.after ?? 0) - (move?.before ?? 0)).toBeLessThan(-1);
    await expectCountsToAgree();

    // What they cast later does not count either.
    await cast(contrarian, (a, b) => (a < b ? "b" : "a"), 3, 300);
    await judge.runNow();
    const ofContrarian = await listExclusions(db, { visitorId: contrarian });
    expect(ofContrarian.map(({ votes, evidence }) => [votes, evidence.kind])).toEqual([
      [3, "quarantined"],
      [40, "anomaly"],
    ]);

    for (const line of await listExclusions(db, { visitorId: contrarian }))
      await reverseExclusion(db, actor, { actId: line.actId, note: "a person after all" });
    await judge.runNow();
    expect(await listExclusions(db, { visitorId: contrarian, state: "active" })).toEqual([]);
    await expectCountsToAgree();
  });

  it("are judged by one server at a time, each vote once", async () => {
    await cast(uuidv7(), () => "tie", 30, 400);
    const judged = await Promise.all([keeper(), keeper(), keeper()].map((one) => one.runNow()));
    expect(judged.reduce((sum, votes) => sum + votes, 0)).toBe(30);
    expect(await database.db.voteCheckQueue.count()).toBe(0);
  });
});
