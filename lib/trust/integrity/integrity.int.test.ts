import { randomUUID } from "node:crypto";
import { Client } from "pg";
import pino from "pino";
import { Registry } from "prom-client";
import { v7 as uuidv7 } from "uuid";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { mergeVisitor } from "@/lib/accounts/test-support";
import { castVote, type Scripts, scriptedArena, startBattle } from "@/lib/arena/test-support";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { countVote } from "@/lib/leaderboard";
import { storedAndRecounted } from "@/lib/leaderboard/test-support";
import { seededRandom } from "@/lib/rating";
import { defaultSettings } from "@/lib/settings";
import { verifyChain } from "@/lib/votes";
import {
  createIntegrityKeeper,
  createNetworkHashes,
  excludeVotes,
  listExclusions,
  readCheckQueue,
  reverseExclusion,
} from "..";
import { honestOutcome, makeWorld } from "../redteam/world";
import { createQuarantine } from "./quarantine-subjects";
import { sweepQueue } from "./sweep-queue";

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

/** Those with which tests make the database fail. */
async function dropTriggers(): Promise<void> {
  await connection.query("DROP FUNCTION IF EXISTS refuse_one, end_turn CASCADE");
}
afterEach(dropTriggers);

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
    expect(line).toMatchObject({ reason: "too_fast", votes: 1, by: { kind: "system", ruleVersion: 2 } });
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

  it("is one however its requests are replayed: same keys, other keys, other cookies, other outcomes", async () => {
    const { arena } = await scriptedArena(database.db, models, plain);
    const [visitorId, stranger] = [randomUUID(), randomUUID()];
    const begin = { prompt: "replay", idempotencyKey: randomUUID() };
    const battle = await startBattle(arena, visitorId, begin);
    await (await arena.live.open(battle.id, visitorId)).settled();
    const request = { outcome: "a", idempotencyKey: randomUUID() } as const;
    const first = await castVote(arena, visitorId, battle.id, request);
    const { stored, recounted } = await storedAndRecounted(database.db);
    expect(stored).toEqual(recounted);
    const rows = async () => ({
      battles: await database.db.battle.count(),
      votes: await database.db.vote.count(),
      totals: await database.db.boardTotal.findMany(),
      elos: await database.db.model.findMany({ select: { id: true, elo: true }, orderBy: { id: "asc" } }),
    });
    const before = await rows();

    for (let time = 0; time < 10; time++) {
      // Everything that the browser sent, again.
      expect((await startBattle(arena, visitorId, begin)).id).toBe(battle.id);
      expect((await castVote(arena, visitorId, battle.id, request)).vote).toEqual(first.vote);
      // The same key with another outcome changes nothing.
      expect((await castVote(arena, visitorId, battle.id, { ...request, outcome: "b" })).vote).toEqual(
        first.vote,
      );
      const anew = { ...request, idempotencyKey: randomUUID() };
      await expect(castVote(arena, visitorId, battle.id, anew)).rejects.toMatchObject({
        code: "already_voted",
      });
      // With somebody else's cookie the battle is not there.
      await expect(castVote(arena, stranger, battle.id, request)).rejects.toMatchObject({
        code: "battle_not_found",
      });
    }
    expect(await rows()).toEqual(before);
    expect((await storedAndRecounted(database.db)).stored).toEqual(stored);
    await expectCountsToAgree();
  });

  it("that is judged holds up no other, whatever makes it fail; it is set aside, said, and tried again later", async () => {
    const { db } = database;
    await keeper().runNow();
    const [first, faulty, third] = [
      await voted(plain, "one of three"),
      await voted(plain, "two of three"),
      await voted(plain, "three of three"),
    ];
    const said: unknown[] = [];
    const errors = {
      info: () => undefined,
      warn: () => undefined,
      error: (fields: object) => said.push(fields),
    };
    const integrity = { ...defaultSettings().integrity, minVoteMs: 60_000 };
    const metrics = new Registry();
    const judge = createIntegrityKeeper({
      ...{ db, secret, integrity: () => integrity, logger: errors, metrics },
    });
    // Something about this vote that the database refuses.
    await connection.query(`
      CREATE FUNCTION refuse_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.vote_id = '${faulty.voteId}' THEN RAISE EXCEPTION 'this one cannot be judged'; END IF;
        RETURN NEW;
      END; $$;
      CREATE TRIGGER refuse_one BEFORE INSERT ON vote_checks FOR EACH ROW EXECUTE FUNCTION refuse_one()`);
    expect(await judge.runNow()).toBe(2);
    for (const { voteId } of [first, third])
      expect(await listExclusions(db, { voteId })).toMatchObject([{ reason: "too_fast" }]);
    expect(await listExclusions(db, { voteId: faulty.voteId })).toEqual([]);
    expect(said).toMatchObject([{ voteId: faulty.voteId }]);
    expect(await readCheckQueue(db)).toMatchObject({ waiting: 0, setAside: 1 });
    expect(await metrics.getSingleMetricAsString("arena_votes_set_aside")).toMatch(
      /^arena_votes_set_aside 1$/m,
    );
    expect((await db.voteCheckQueue.findMany())[0]?.failure).toContain("this one cannot be judged");
    await expectCountsToAgree();
    // Not tried at every turn.
    expect(await judge.runNow()).toBe(0);
    expect(said).toHaveLength(1);

    await dropTriggers();
    await db.$executeRaw`UPDATE vote_check_queue SET failed_at = now() - interval '2 hours'`;
    expect(await judge.runNow()).toBe(1);
    expect(await listExclusions(db, { voteId: faulty.voteId })).toMatchObject([{ reason: "too_fast" }]);
    expect(await readCheckQueue(db)).toEqual({ waiting: 0, oldestMs: 0, setAside: 0 });
  });

  it("on an answer made to break the rules' own record is judged as any other", async () => {
    // Cut at 120 characters, the evidence would end in half a pair of surrogates, which JSONB refuses.
    const crafted: Scripts = () => ({ pieces: [`Ich bin  ein ${"\u{20000}".repeat(80)} KI namens Claude.`] });
    const { voteId } = await voted(crafted, "crafted");
    await keeper().runNow();
    const [line] = await listExclusions(database.db, { voteId });
    expect(line?.firstVotes[0]?.evidence).toMatchObject({ match: expect.stringMatching(/^Ich bin/) });
  });

  it("is no more judged by a server that has lost its turn", async () => {
    const { db } = database;
    await keeper().runNow();
    for (let vote = 0; vote < 3; vote++) await voted(plain, `lost turn ${vote}`);
    // The connection that holds the lock ends as soon as something is stored; the server goes on with another.
    await connection.query(`
      CREATE FUNCTION end_turn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_terminate_backend(pid) FROM pg_locks
          WHERE locktype = 'advisory' AND objid = 7302003 AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
        RETURN NULL;
      END; $$;
      CREATE TRIGGER end_turn AFTER INSERT ON vote_checks FOR EACH STATEMENT EXECUTE FUNCTION end_turn()`);
    await connection.query("UPDATE vote_check_queue SET failed_at = now() - interval '2 hours'");
    // Three votes that were set aside are tried one by one, each in a batch of its own.
    await expect(keeper().runNow()).rejects.toThrow();
    expect(await db.voteCheckQueue.count()).toBe(2);
    await dropTriggers();
    await connection.query("UPDATE vote_check_queue SET failed_at = NULL");
    expect(await keeper().runNow()).toBe(2);
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

  it("keep what is known of them when they sign in, and their votes from before go with them", async () => {
    const { db } = database;
    const [cookie, userId] = [uuidv7(), uuidv7()];
    await cast(cookie, (a, b) => (a < b ? "b" : "a"), 40, 600);
    await db.user.create({ data: { id: userId, email: "farm@example.org", name: "Farm" } });
    const judge = keeper({ samePromptOverall: 1_000_000 });
    await judge.runNow();
    expect(await listExclusions(db, { visitorId: cookie, state: "active" })).toMatchObject([{ votes: 40 }]);

    await mergeVisitor(db, cookie, userId);
    expect(await listExclusions(db, { visitorId: userId, state: "active" })).toMatchObject([{ votes: 40 }]);
    await cast(userId, (a, b) => (a < b ? "b" : "a"), 3, 601);
    await judge.runNow();
    expect((await listExclusions(db, { visitorId: userId })).map(({ votes }) => votes)).toEqual([3, 40]);

    // Half of the evidence on a cookie, half on the account: it is not begun anew by signing in.
    const [half, whole] = [uuidv7(), uuidv7()];
    await cast(half, (a, b) => (a < b ? "b" : "a"), 12, 602);
    await db.user.create({ data: { id: whole, email: "half@example.org", name: "Half" } });
    await judge.runNow();
    const subject = "visitor" as const;
    const before = await db.voterEvidence.findUniqueOrThrow({
      where: { subject_subjectId: { subject, subjectId: half } },
    });
    await mergeVisitor(db, half, whole);
    expect(await db.voterEvidence.findMany({ where: { subjectId: { in: [half, whole] } } })).toMatchObject([
      { subjectId: whole, votes: before.votes, logE: before.logE },
    ]);
    await expectCountsToAgree();

    // An account's votes are those from before its sign-ins too, however many acts they take.
    const done = await excludeVotes(db, actor, { visitorId: userId, note: "all of them" }, 20);
    expect(done).toMatchObject({ votes: 43, moved: 0 });
    expect(done.actIds).toHaveLength(3);
    await expectCountsToAgree();
  });

  it("are put in quarantine with all of their votes, however many acts that takes, also where it was broken off", async () => {
    const { db } = database;
    const visitorId = uuidv7();
    await cast(visitorId, (a, b) => (a < b ? "b" : "a"), 45, 700);
    // Judged, and not yet compared.
    const queue = { db, integrity: () => defaultSettings().integrity, promptKey: Buffer.alloc(32), logger };
    await sweepQueue(queue, { settleMs: 0, mayGoOn: async () => true });
    const quarantine = createQuarantine(db, 20);
    let asked = 0;
    const untilFirstAct = async () => {
      const [line] = await listExclusions(db, { visitorId, reason: "anomalous_voter" });
      asked += 1;
      return line === undefined;
    };
    expect((await quarantine.run(defaultSettings().integrity, untilFirstAct)).isWhole).toBe(false);
    expect(asked).toBeGreaterThan(0);
    const acts = async () =>
      (await listExclusions(db, { visitorId, reason: "anomalous_voter" })).map(({ votes }) => votes);
    expect(await acts()).toEqual([20]);
    expect((await createQuarantine(db, 20).run(defaultSettings().integrity, async () => true)).isWhole).toBe(
      true,
    );
    expect(await acts()).toEqual([5, 20, 20]);
    await expectCountsToAgree();
    // It reads what has changed only, and finds nothing new.
    expect((await quarantine.run(defaultSettings().integrity, async () => true)).subjects).toEqual([]);
  });

  it("are judged by one server at a time, each vote once", async () => {
    await cast(uuidv7(), () => "tie", 30, 400);
    const judged = await Promise.all([keeper(), keeper(), keeper()].map((one) => one.runNow()));
    expect(judged.reduce((sum, votes) => sum + votes, 0)).toBe(30);
    expect(await database.db.voteCheckQueue.count()).toBe(0);
  });
});
