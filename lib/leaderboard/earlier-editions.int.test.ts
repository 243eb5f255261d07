import Fastify, { type FastifyInstance } from "fastify";
import pino from "pino";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { AppError } from "@/lib/errors";
import { decodeVoteFile, fitFork, forkChoiceSchema } from "@/lib/fork";
import { handleApiError } from "@/lib/http";
import { boardPairsSchema, type Category, type Outcome } from "@/lib/protocol";
import { countVote } from "./count-vote";
import { createLeaderboard, type LeaderboardService } from "./leaderboard-service";
import { moveCounts } from "./move-counts";
import { leaderboardRoutes } from "./routes";
import { insertVotes } from "./test-support";

let database: TestDatabase;
let leaderboard: LeaderboardService;
let app: FastifyInstance;
/** How often an earlier board had to be computed. */
let admitted = 0;
let isRefusing = false;

beforeAll(async () => {
  database = await createTestDatabase();
  await insertVotes(database.db, { models: 5, votes: 1_000 });
  leaderboard = createLeaderboard({
    ...{ db: database.db, databaseUrl: database.url, logger: pino({ level: "silent" }) },
    ...{ styleRefreshMs: 0, secret: "one" },
  });
  app = Fastify();
  app.setErrorHandler(handleApiError);
  await app.register(leaderboardRoutes, {
    ...{ leaderboard, controller: { models: () => [] } },
    limitEarlier: async () => {
      if (isRefusing) throw new AppError("rate_limited", { details: { retryAfterSeconds: 60 } });
      admitted += 1;
    },
  });
});
afterAll(async () => {
  await app.close();
  await leaderboard.close();
  await database.drop();
});
beforeEach(() => {
  isRefusing = false;
});

const newId = () => uuidv7();

/** A vote as the arena stores it, by a visitor of its own. */
async function vote(names: readonly [string, string], outcome: Outcome, categories: Category[] = []) {
  const { db } = database;
  const models = await db.model.findMany({ where: { name: { in: [...names] } } });
  const idOf = (name: string) => models.find((model) => model.name === name)?.id ?? "";
  const pair = { modelAId: idOf(names[0]), modelBId: idOf(names[1]) };
  const [voteId, battleId, visitorId] = [newId(), newId(), newId()];
  await db.$transaction(async (tx) => {
    await tx.visitor.create({ data: { id: visitorId } });
    await tx.battle.create({
      data: {
        ...{ id: battleId, visitorId, idempotencyKey: battleId, ...pair },
        ...{ policyId: "uniform-1", propensity: 0.5 },
      },
    });
    const elo = { eloABefore: 1000, eloAAfter: 1000, eloBBefore: 1000, eloBAfter: 1000 };
    await tx.vote.create({
      data: { id: voteId, battleId, visitorId, idempotencyKey: voteId, outcome, turnCount: 1, ...elo },
    });
    await tx.voteCategory.create({
      data: {
        ...{ voteId, board: "blind", rulesVersion: 1, language: "de", categories },
        ...{ tokensA: 90, tokensB: 40, headersA: 1, headersB: 0, boldA: 2, boldB: 1, listsA: 3, listsB: 0 },
      },
    });
    await countVote(tx, { voteId, board: "blind", categories, ...pair, visitorId, outcome });
  });
  return voteId;
}

async function exclude(voteIds: readonly string[]): Promise<string> {
  const actId = newId();
  await database.db.$transaction(async (tx) => {
    await moveCounts(tx, voteIds, async () => {
      await tx.exclusionAct.create({
        data: {
          ...{
            id: actId,
            reason: "moderation",
            actorKind: "cli",
            actorLabel: "tests",
            evidence: {},
            effect: {},
          },
          votes: voteIds.length,
        },
      });
      await tx.voteExclusion.createMany({
        data: voteIds.map((voteId) => ({ actId, voteId, reason: "moderation" })),
      });
    });
  });
  return actId;
}

async function takeBack(actId: string, voteIds: readonly string[]): Promise<void> {
  await database.db.$transaction(async (tx) => {
    await moveCounts(tx, voteIds, async () => {
      await tx.exclusionReversal.create({
        data: { actId, actorKind: "cli", actorLabel: "tests", effect: {}, votes: voteIds.length },
      });
    });
  });
}

async function pairsOf(query: string) {
  const answer = await app.inject({ url: `/api/leaderboard/pairs?${query}` });
  return boardPairsSchema.parse(answer.json());
}

/** Once so many votes are counted there: what a server knows may be a second old. */
async function pairsWith(votes: number, query: string) {
  await expect.poll(async () => (await pairsOf(query)).votes, { timeout: 20_000 }).toBe(votes);
  return pairsOf(query);
}

async function votesOf(query: string) {
  const answer = await app.inject({ url: `/api/leaderboard/votes?${query}` });
  return { bytes: answer.rawPayload, edition: String(answer.headers["x-board-edition"]) };
}

const decode = (bytes: Buffer) => decodeVoteFile(new Uint8Array(bytes));
/** Without what a model is besides its votes: its Elo, which is not of this board's fit. */
const countsOf = (pairs: Awaited<ReturnType<typeof pairsOf>>) => ({
  ...{ pairs: pairs.pairs, inputsHash: pairs.inputsHash, votes: pairs.votes, edition: pairs.edition },
  models: pairs.models.map(({ model, votes }) => [model, votes]),
});

describe("an earlier edition of a board", () => {
  it("is the same to the digit after votes, exclusions, reversals and a new model", async () => {
    const early = await vote(["model-000", "model-001"], "a", ["code"]);
    const gone = [early, await vote(["model-002", "model-001"], "both_bad")];
    const act = await exclude(gone.slice(1));
    const then = { overall: await pairsOf("board=blind"), code: await pairsOf("category=code") };
    const fileThen = await votesOf("board=blind");
    expect(then.overall.votesEdition).toBe(fileThen.edition);
    expect(then.code.votesEdition).toBe(fileThen.edition);

    await takeBack(act, gone.slice(1));
    await exclude(gone.slice(0, 1));
    await database.db.model.create({ data: { id: newId(), name: "aaa-new", displayName: "New" } });
    for (let round = 0; round < 12; round++)
      await vote(["aaa-new", "model-003"], round % 3 === 0 ? "a" : "b", ["code", "math"]);
    const now = await pairsWith(then.overall.votes + 12, "board=blind");
    expect(now.inputsHash).not.toBe(then.overall.inputsHash);

    for (const [category, pairs] of Object.entries(then)) {
      const again = await pairsOf(`category=${category}&edition=${pairs.edition}`);
      expect(countsOf(again)).toEqual(countsOf(pairs));
      for (const ties of ["half", "davidson", "grounded"] as const) {
        const choice = forkChoiceSchema.parse({ ties });
        expect(fitFork(again, null, choice)).toEqual(fitFork(pairs, null, choice));
      }
    }
    const fileAgain = await votesOf(`edition=${fileThen.edition}`);
    expect(fileAgain.bytes.equals(fileThen.bytes)).toBe(true);
    expect((await votesOf("board=blind")).bytes.equals(fileThen.bytes)).toBe(false);
    const choice = forkChoiceSchema.parse({ covariates: ["tokens", "position"], withoutOddVoters: true });
    expect(fitFork(then.overall, decode(fileAgain.bytes), choice)).toEqual(
      fitFork(then.overall, decode(fileThen.bytes), choice),
    );
  });

  it("is the same from every server, however its rows lie in the database", async () => {
    const { bytes, edition } = await votesOf("board=blind");
    // Rows that are written again lie elsewhere, and a scan finds them in another order.
    await database.db.$executeRaw`UPDATE vote_categories SET language = language WHERE tokens_a % 3 = 0`;
    const other = createLeaderboard({
      ...{ db: database.db, databaseUrl: database.url, logger: pino({ level: "silent" }) },
      ...{ styleRefreshMs: 0, secret: "one" },
    });
    const file = await other.earlierVotes("blind", { edition, admit: async () => undefined });
    await other.close();
    expect(file.sha256).toBe(decode(bytes).sha256);
  });

  it("is computed once, admitted before that, and only by a name that was given for it", async () => {
    const first = await pairsOf("category=math");
    await vote(["model-000", "model-004"], "tie", ["math"]);
    const second = await pairsWith(first.votes + 1, "category=math");
    await vote(["model-000", "model-004"], "tie", ["math"]);
    const before = admitted;
    const again = await pairsOf(`category=math&edition=${first.edition}`);
    expect(await pairsOf(`category=math&edition=${first.edition}`)).toEqual(again);
    expect(admitted).toBe(before + 1);
    isRefusing = true;
    expect((await pairsOf(`category=math&edition=${first.edition}`)).inputsHash).toBe(first.inputsHash);
    const statusOf = async (query: string, what = "pairs") =>
      (await app.inject({ url: `/api/leaderboard/${what}?${query}` })).statusCode;
    expect(await statusOf(`category=math&edition=${second.edition}`)).toBe(429);
    isRefusing = false;
    // The refusal is not remembered.
    expect(await statusOf(`category=math&edition=${second.edition}`)).toBe(200);
    // A revision that nobody was shown cannot be asked for by its number.
    const [number = "", mac = ""] = second.edition.split(/-(.*)/);
    expect(await statusOf(`category=math&edition=${Number(number) + 1}-${mac}`)).toBe(404);
    expect(await statusOf(`category=code&edition=${second.edition}`)).toBe(404);
    expect(await statusOf(`edition=${second.edition}`, "votes")).toBe(404);
    expect(await statusOf(`edition=${number}`)).toBe(404);
    expect(await statusOf("edition=")).toBe(400);
    expect(await statusOf(`edition=${second.votesEdition}`, "votes")).toBe(200);
  });
});
