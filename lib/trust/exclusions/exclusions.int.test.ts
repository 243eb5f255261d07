import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { listAudit } from "@/lib/audit";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { createLeaderboard, recategorize } from "@/lib/leaderboard";
import { insertVotes, storedAndRecounted } from "@/lib/leaderboard/test-support";
import { exclusionSummarySchema } from "@/lib/protocol";
import { exportVotes, reproduce, verifyChain } from "@/lib/votes";
import { excludeVotes, exclusionSummary, listExclusions, reverseExclusion } from "..";

const actor = { kind: "cli", label: "tests" } as const;
const note = "looked at by hand";

let database: TestDatabase;
let connection: Client;
let voteIds: string[];

beforeAll(async () => {
  database = await createTestDatabase();
  connection = new Client({ connectionString: database.url });
  await connection.connect();
  await insertVotes(database.db, { models: 6, votes: 600 });
  voteIds = (await database.db.vote.findMany({ orderBy: { id: "asc" } })).map(({ id }) => id);
});
afterAll(async () => {
  await connection.end();
  await database.drop();
});

async function expectCountsToAgree(): Promise<void> {
  const { stored, recounted } = await storedAndRecounted(database.db);
  expect(stored).toEqual(recounted);
  expect((await verifyChain(connection)).problems).toEqual([]);
}

const excludedCount = async () =>
  Number((await database.db.$queryRaw<{ n: bigint }[]>`SELECT count(*) AS n FROM excluded_votes`)[0]?.n);

describe("exclusions", () => {
  beforeEach(async () => {
    for (const act of await listExclusions(database.db, { state: "active", limit: 200 }))
      await reverseExclusion(database.db, actor, { actId: act.actId, note });
    expect(await excludedCount()).toBe(0);
  });

  it("leave votes out of every count, say how far the models moved, and are taken back without a trace in the counts", async () => {
    const { db } = database;
    const before = await storedAndRecounted(db);
    const totals = await db.boardTotal.findMany();
    const elos = await db.model.findMany({ select: { id: true, elo: true }, orderBy: { id: "asc" } });
    const chosen = voteIds.slice(0, 40);
    const act = await excludeVotes(db, actor, { voteIds: chosen, note });
    expect(act).toMatchObject({ votes: 40, moved: 40 });
    await expectCountsToAgree();
    expect(await db.boardTotal.findFirst({ where: { board: "blind" } })).toMatchObject({ votes: 560 });

    const [line] = await listExclusions(db, { voteId: chosen[0] });
    expect(line).toMatchObject({
      ...{ actId: act.actIds[0], reason: "moderation", votes: 40, note, reversal: null },
      by: { kind: "cli", label: "tests", ruleVersion: null },
    });
    expect(line?.effect.filter((move) => move.board === "blind")).toHaveLength(6);
    // What the act says is what the board does.
    const leaderboard = createLeaderboard({
      ...{ db, databaseUrl: database.url, styleRefreshMs: 1_000 },
      secret: "s".repeat(32),
      logger: pino({ level: "silent" }),
    });
    const board = await leaderboard.latestFit({ board: "blind", category: "overall" });
    for (const move of line?.effect ?? []) {
      const row = board.board.rows[board.modelIds.indexOf(move.modelId)];
      expect(row?.rating?.score).toBeCloseTo(move.after ?? Number.NaN, 3);
      expect(move.before).not.toBe(move.after);
    }
    await leaderboard.close();

    expect(await reverseExclusion(db, actor, { actId: act.actIds[0] ?? "", note })).toMatchObject({
      moved: 40,
    });
    expect(await storedAndRecounted(db)).toEqual(before);
    expect(await db.boardTotal.findMany()).toEqual(totals);
    const after = await db.model.findMany({ select: { id: true, elo: true }, orderBy: { id: "asc" } });
    for (const [index, model] of after.entries()) expect(model.elo).toBeCloseTo(elos[index]?.elo ?? 0, 9);
    const [reversed] = await listExclusions(db, { state: "reversed", limit: 1 });
    expect(reversed).toMatchObject({ actId: act.actIds[0], reversal: { by: "tests", votes: 40 } });
    expect((await listAudit(db, { targetId: act.actIds[0] })).map(({ action }) => action)).toEqual([
      "votes.reinstate",
      "votes.exclude",
    ]);
  });

  it("count a vote again only when nothing leaves it out any more", async () => {
    const { db } = database;
    const first = await excludeVotes(db, actor, { voteIds: voteIds.slice(0, 10), note });
    const second = await excludeVotes(db, actor, { voteIds: voteIds.slice(5, 15), note });
    expect(second).toMatchObject({ votes: 10, moved: 5 });
    expect(await reverseExclusion(db, actor, { actId: first.actIds[0] ?? "", note })).toMatchObject({
      moved: 5,
    });
    expect(await excludedCount()).toBe(10);
    await expectCountsToAgree();
    await expect(reverseExclusion(db, actor, { actId: first.actIds[0] ?? "", note })).rejects.toMatchObject({
      code: "already_reversed",
    });
  });

  it("take a voter away with their last vote, and bring them back with the first", async () => {
    const { db } = database;
    const [voter] = await db.visitor.findMany({ where: { voteCount: { gt: 0 } }, take: 1 });
    const visitorId = voter?.id ?? "";
    const before = await db.boardTotal.findFirstOrThrow({ where: { board: "blind" } });
    const act = await excludeVotes(db, actor, { visitorId, note });
    expect(await db.boardTotal.findFirst({ where: { board: "blind" } })).toMatchObject({
      voters: before.voters - 1,
    });
    await expectCountsToAgree();
    await reverseExclusion(db, actor, { actId: act.actIds[0] ?? "", note });
    expect(await db.boardTotal.findFirst({ where: { board: "blind" } })).toEqual(before);
  });

  it("agree with the counts whatever is decided at the same moment", async () => {
    const { db } = database;
    const acts = await Promise.all(
      Array.from({ length: 8 }, (_, turn) =>
        excludeVotes(db, actor, { voteIds: voteIds.slice(turn * 10, turn * 10 + 30), note }),
      ),
    );
    expect(await excludedCount()).toBe(100);
    const [twice] = acts;
    const results = await Promise.allSettled([
      ...acts.slice(0, 4).map(({ actIds }) => reverseExclusion(db, actor, { actId: actIds[0] ?? "", note })),
      reverseExclusion(db, actor, { actId: twice?.actIds[0] ?? "", note }),
      recategorize(db, { all: true }),
    ]);
    expect(results.filter(({ status }) => status === "rejected")).toHaveLength(1);
    await expectCountsToAgree();
  });

  it("are part of a release, which is made again from its files alone", async () => {
    const { db } = database;
    await excludeVotes(db, actor, { voteIds: voteIds.slice(100, 150), note });
    const folder = join(await mkdtemp(join(inject("scratch"), "release-")), "one");
    const manifest = await exportVotes(connection, { folder, release: "one" }, new Date(0));
    expect(manifest).toMatchObject({ votes: 600, excluded: 50 });
    const again = await reproduce(folder);
    expect(again.problems).toEqual([]);
    expect(again.boards).toEqual([
      { board: "blind", votes: 550, voters: expect.any(Number), isReproduced: true },
    ]);
  });

  it("tell everybody how many there are and why, and nobody whose", async () => {
    const { db } = database;
    await excludeVotes(db, actor, { voteIds: voteIds.slice(0, 25), note });
    const summary = exclusionSummarySchema.parse(await exclusionSummary(db));
    expect(summary).toMatchObject({ votes: 600, excluded: 25 });
    expect(summary.reasons).toMatchObject([{ reason: "moderation", votes: 25 }]);
    expect(summary.moves).toHaveLength(6);
    const told = JSON.stringify(summary);
    for (const secret of [note, actor.label, ...voteIds.slice(0, 25)]) expect(told).not.toContain(secret);
  });

  it("are never changed or removed, not even by SQL", async () => {
    const { db } = database;
    const { actIds } = await excludeVotes(db, actor, { voteIds: voteIds.slice(0, 1), note });
    await expect(db.exclusionAct.delete({ where: { id: actIds[0] } })).rejects.toThrow();
    await expect(db.$executeRaw`UPDATE vote_exclusions SET reason = 'x'`).rejects.toThrow(/never changed/);
  });

  it("refuse votes that do not exist, and a decision without a reason", async () => {
    const { db } = database;
    const nobody = "01900000-0000-7000-8000-0000000fffff";
    await expect(excludeVotes(db, actor, { voteIds: [nobody], note })).rejects.toMatchObject({
      ...{ code: "invalid_request", param: "voteIds" },
    });
    await expect(excludeVotes(db, actor, { visitorId: nobody, note })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(excludeVotes(db, actor, { voteIds, note: " " })).rejects.toMatchObject({
      code: "invalid_request",
    });
    await expect(reverseExclusion(db, actor, { actId: nobody, note })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await excludedCount()).toBe(0);
  });
});
