import { randomUUID } from "node:crypto";
import { Registry } from "prom-client";
import { afterEach, describe, expect, it } from "vitest";
import { castVote, type Scripts, scriptedArena, startBattle } from "@/lib/arena/test-support";
import { storedAndRecounted } from "@/lib/leaderboard/test-support";
import { defaultSettings } from "@/lib/settings";
import { createIntegrityKeeper, createNetworkHashes, listExclusions, readCheckQueue } from "..";
import { integrityRig, secret } from "./test-support";

const rig = integrityRig();
const { keeper, expectCountsToAgree } = rig;

/** Those with which tests make the database fail. */
async function dropTriggers(): Promise<void> {
  await rig.connection.query("DROP FUNCTION IF EXISTS refuse_one, end_turn CASCADE");
}
afterEach(dropTriggers);

const models = ["falcon-7x", "osprey-9x"];

async function voted(scripts: Scripts, prompt: string, visitorId = randomUUID() as string) {
  const { arena } = await scriptedArena(rig.db, models, scripts);
  const battle = await startBattle(arena, visitorId, { prompt, idempotencyKey: randomUUID() });
  const live = await arena.live.open(battle.id, visitorId);
  await live.settled();
  const request = { outcome: "a", idempotencyKey: randomUUID() } as const;
  const network = await createNetworkHashes(rig.db).of("203.0.113.9");
  await castVote(arena, visitorId, battle.id, request, network);
  const vote = await rig.db.vote.findUniqueOrThrow({ where: { battleId: battle.id } });
  return { arena, battle, request, voteId: vote.id, visitorId };
}

const plain: Scripts = () => ({ pieces: ["Four", "."] });

describe("a vote", () => {
  it("that came faster than a person can act is kept, marked and not counted", async () => {
    const { voteId } = await voted(plain, "fast");
    await keeper({ minVoteMs: 60_000 }).runNow();
    const [line] = await listExclusions(rig.db, { voteId });
    expect(line).toMatchObject({ reason: "too_fast", votes: 1, by: { kind: "system", ruleVersion: 2 } });
    expect(line?.firstVotes[0]?.evidence).toMatchObject({
      ...{ kind: "too_fast", minAfterMs: 60_000, sinceEnd: expect.any(Number) },
    });
    expect(await rig.db.vote.count({ where: { id: voteId } })).toBe(1);
    await expectCountsToAgree();
  });

  it("on an answer that said what it is does not count, with the words as evidence", async () => {
    const leaking: Scripts = (model) => ({ pieces: ["Well. ", `I am ${model}.`] });
    const { voteId } = await voted(leaking, "who are you");
    await keeper().runNow();
    const [line] = await listExclusions(rig.db, { voteId });
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
    const lines = await listExclusions(rig.db, { reason: "duplicate_prompt" });
    expect(lines).toMatchObject([{ votes: 1, firstVotes: [{ visitorId, evidence: { ownVotesBefore: 3 } }] }]);
    const checks = await rig.db.voteCheck.findMany({ where: { vote: { visitorId } } });
    expect(new Set(checks.map(({ promptHash }) => Buffer.from(promptHash ?? []).toString("hex"))).size).toBe(
      1,
    );
    await expectCountsToAgree();
  });

  it("is one a battle, whoever sends how many at the same moment, and each reply tells the same", async () => {
    const { arena } = await scriptedArena(rig.db, models, plain);
    const visitorId = randomUUID();
    const battle = await startBattle(arena, visitorId, { prompt: "race", idempotencyKey: randomUUID() });
    await (await arena.live.open(battle.id, visitorId)).settled();
    const before = await rig.db.vote.count();
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
    expect(await rig.db.vote.count()).toBe(before + 1);
    await expectCountsToAgree();
  });

  it("that is sent again is answered again, and neither stored nor counted twice", async () => {
    const { arena, battle, request, visitorId } = await voted(plain, "again");
    const before = await rig.db.vote.count();
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => castVote(arena, visitorId, battle.id, request)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer.vote))).size).toBe(1);
    expect(await rig.db.vote.count()).toBe(before);
    await expectCountsToAgree();
  });

  it("is one however its requests are replayed: same keys, other keys, other cookies, other outcomes", async () => {
    const { arena } = await scriptedArena(rig.db, models, plain);
    const [visitorId, stranger] = [randomUUID(), randomUUID()];
    const begin = { prompt: "replay", idempotencyKey: randomUUID() };
    const battle = await startBattle(arena, visitorId, begin);
    await (await arena.live.open(battle.id, visitorId)).settled();
    const request = { outcome: "a", idempotencyKey: randomUUID() } as const;
    const first = await castVote(arena, visitorId, battle.id, request);
    const { stored, recounted } = await storedAndRecounted(rig.db);
    expect(stored).toEqual(recounted);
    const rows = async () => ({
      battles: await rig.db.battle.count(),
      votes: await rig.db.vote.count(),
      totals: await rig.db.boardTotal.findMany(),
      elos: await rig.db.model.findMany({ select: { id: true, elo: true }, orderBy: { id: "asc" } }),
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
    expect((await storedAndRecounted(rig.db)).stored).toEqual(stored);
    await expectCountsToAgree();
  });

  it("that is judged holds up no other, whatever makes it fail; it is set aside, said, and tried again later", async () => {
    const { db } = rig;
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
    await rig.connection.query(`
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
    const [line] = await listExclusions(rig.db, { voteId });
    expect(line?.firstVotes[0]?.evidence).toMatchObject({ match: expect.stringMatching(/^Ich bin/) });
  });

  it("is no more judged by a server that has lost its turn", async () => {
    const { db } = rig;
    await keeper().runNow();
    for (let vote = 0; vote < 3; vote++) await voted(plain, `lost turn ${vote}`);
    // The connection that holds the lock ends as soon as something is stored; the server goes on with another.
    await rig.connection.query(`
      CREATE FUNCTION end_turn() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_terminate_backend(pid) FROM pg_locks
          WHERE locktype = 'advisory' AND objid = 7302003 AND database = (SELECT oid FROM pg_database WHERE datname = current_database());
        RETURN NULL;
      END; $$;
      CREATE TRIGGER end_turn AFTER INSERT ON vote_checks FOR EACH STATEMENT EXECUTE FUNCTION end_turn()`);
    await rig.connection.query("UPDATE vote_check_queue SET failed_at = now() - interval '2 hours'");
    // Three votes that were set aside are tried one by one, each in a batch of its own.
    await expect(keeper().runNow()).rejects.toThrow();
    expect(await db.voteCheckQueue.count()).toBe(2);
    await dropTriggers();
    await rig.connection.query("UPDATE vote_check_queue SET failed_at = NULL");
    expect(await keeper().runNow()).toBe(2);
  });

  it("keeps where it came from as a hash of the day, never an address", async () => {
    const origins = await rig.db.voteOrigin.findMany();
    expect(origins.length).toBeGreaterThan(0);
    expect(origins.every(({ network }) => network.length === 16)).toBe(true);
    const [text] = await rig.db.$queryRaw<
      { all: string }[]
    >`SELECT json_agg(o)::text AS all FROM vote_origins AS o`;
    expect(text?.all).not.toContain("203.0.113");
    // Another server knows the same key; another day has another one.
    const now = createNetworkHashes(rig.db);
    const later = createNetworkHashes(rig.db, () => Date.now() + 86_400_000);
    expect(await now.of("203.0.113.9")).toEqual(await createNetworkHashes(rig.db).of("203.0.113.200"));
    expect(await now.of("203.0.113.9")).not.toEqual(await later.of("203.0.113.9"));
  });
});
