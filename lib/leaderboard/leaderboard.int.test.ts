import Fastify, { type FastifyInstance } from "fastify";
import pino from "pino";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { handleApiError } from "@/lib/http";
import {
  boardCalibrationSchema,
  boardHistorySchema,
  boardPairsSchema,
  boardQuerySchema,
  headToHeadSchema,
  leaderboardSchema,
  modelCardSchema,
} from "@/lib/protocol";
import { fitBoard } from "@/lib/rating";
import { countVote } from "./count-vote";
import { createLeaderboard, type LeaderboardService } from "./leaderboard-service";
import { leaderboardRoutes } from "./routes";
import { insertVotes, storedAndRecounted, trueLengthEffect } from "./test-support";

const models = 8;
const votes = 6_000;
const best = "model-000";
const last = "model-007";

let database: TestDatabase;
let leaderboard: LeaderboardService;
let app: FastifyInstance;

beforeAll(async () => {
  database = await createTestDatabase();
  await insertVotes(database.db, { models, votes });
  leaderboard = newLeaderboard();
  app = Fastify();
  app.setErrorHandler(handleApiError);
  const controller = { models: () => [{ name: best }] } as never;
  await app.register(leaderboardRoutes, { leaderboard, controller, limitEarlier: async () => undefined });
});
afterAll(async () => {
  await app.close();
  await leaderboard.close();
  await database.drop();
});

const newLeaderboard = () =>
  createLeaderboard({
    ...{
      db: database.db,
      databaseUrl: database.url,
      logger: pino({ level: "silent" }),
      styleRefreshMs: 1,
      secret: "test",
    },
  });

const get = async (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });

/** A vote as `castVote` stores it, without its battle's text. */
async function vote(categories: ("code" | "lang_en")[], board: "blind" | "compare" = "blind") {
  const { db } = database;
  const [a, b] = await db.model.findMany({ orderBy: { name: "asc" }, take: 2 });
  if (a === undefined || b === undefined) throw new Error("no models");
  const voteId = uuidv7();
  const visitorId = uuidv7();
  await db.$transaction(async (tx) => {
    await tx.visitor.create({ data: { id: visitorId } });
    const battle = {
      ...{ id: uuidv7(), visitorId, idempotencyKey: voteId, modelAId: a.id, modelBId: b.id },
      ...{ policyId: "uniform-1", propensity: 0.1 },
    };
    await tx.battle.create({ data: battle });
    const elo = { eloABefore: 1000, eloAAfter: 1000, eloBBefore: 1000, eloBAfter: 1000 };
    const idempotencyKey = voteId;
    await tx.vote.create({
      data: {
        id: voteId,
        battleId: battle.id,
        visitorId,
        idempotencyKey,
        outcome: "a",
        turnCount: 1,
        ...elo,
      },
    });
    const style = {
      ...{ tokensA: 1, tokensB: 1, headersA: 0, headersB: 0, boldA: 0, boldB: 0, listsA: 0, listsB: 0 },
    };
    await tx.voteCategory.create({
      data: { voteId, board, rulesVersion: 1, language: "en", categories, ...style },
    });
    await countVote(tx, {
      voteId,
      board,
      categories,
      modelAId: a.id,
      modelBId: b.id,
      visitorId,
      outcome: "a",
    });
  });
  return { board, modelAId: a.id, modelBId: b.id, outcome: "a" as const };
}

describe("a board", () => {
  it("has every model in its true order, and the votes of each category", async () => {
    const board = leaderboardSchema.parse((await get("/api/leaderboard")).json());
    expect(board).toMatchObject({ votes, voters: votes / 8, isReady: true, fittedTies: "half" });
    expect(board.rows[0]).toMatchObject({ model: best, rating: { rankBest: 1, tier: 1 } });
    expect(board.rows.at(-1)?.model).toBe(last);
    expect(board.categories[0]).toEqual({ category: "overall", votes });
    expect(board.categories).toContainEqual({ category: "lang_zh", votes: votes / 3 });

    const code = leaderboardSchema.parse((await get("/api/leaderboard?category=code")).json());
    expect(code).toMatchObject({ votes: votes / 5, voters: null });
    expect(code.snapshotId).not.toBe(board.snapshotId);
  });

  it("is another one for other tie models and weights, and says which", async () => {
    const plain = await leaderboard.current();
    for (const query of ["ties=davidson", "ties=rao_kupper", "ties=grounded", "weights=pairs"]) {
      const board = leaderboardSchema.parse((await get(`/api/leaderboard?${query}`)).json());
      expect(board.snapshotId).toBeNull();
      expect(board.inputsHash).toBe(plain.inputsHash);
      expect(`ties=${board.fittedTies}`).toBe(query.startsWith("ties") ? query : "ties=half");
      expect(board.rows[0]?.model).toBe(best);
      expect(board.rows[0]?.rating?.score).not.toBe(plain.rows[0]?.rating?.score);
    }
  });

  it("ranks among what it shows", async () => {
    await database.db.model.update({ where: { name: best }, data: { stage: "retired" } });
    const fresh = newLeaderboard();
    try {
      const shown = await fresh.current();
      expect(shown.rows.map(({ model }) => model)).not.toContain(best);
      expect(shown.rows[0]?.rating?.rankBest).toBe(1);
      const all = await fresh.current(boardQuerySchema.parse({ showRetired: "1" }));
      expect(all.rows[0]).toMatchObject({ model: best, stage: "retired" });
      const none = await fresh.current(boardQuerySchema.parse({ minVotes: "1000000" }));
      expect(none.rows).toEqual([]);
    } finally {
      await fresh.close();
      await database.db.model.update({ where: { name: best }, data: { stage: "public" } });
    }
  });

  it("is never mixed with another, and one without votes is empty", async () => {
    for (const url of ["/api/leaderboard?board=compare", "/api/leaderboard?category=lang_sw"]) {
      const board = leaderboardSchema.parse((await get(url)).json());
      expect(board).toMatchObject({ votes: 0, snapshotId: null });
      expect(board.rows.every(({ unratedReason }) => unratedReason === "no_votes")).toBe(true);
    }
    const before = await leaderboard.current();
    await leaderboard.effectOf(await vote(["code"], "compare"));
    const compare = await leaderboard.current(boardQuerySchema.parse({ board: "compare" }));
    expect(compare).toMatchObject({ votes: 1, voters: 1 });
    expect(await leaderboard.current()).toMatchObject({ votes: before.votes, voters: before.voters });
  });

  it.each([
    ["category=poetry", "category"],
    ["board=all", "board"],
    ["ties=elo", "ties"],
    ["ties=davidson&style=1", "ties"],
    ["weights=pairs&ties=davidson", "weights"],
    ["minVotes=-1", "minVotes"],
    ["x=1", "x"],
  ])("refuses %s", async (query, param) => {
    const response = await get(`/api/leaderboard?${query}`);
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ error: { code: "invalid_request", param } });
  });
});

describe("a vote", () => {
  it("moves the boards of its categories only, and open boards hear of it", async () => {
    const code = { board: "blind", category: "code" } as const;
    const math = { board: "blind", category: "math" } as const;
    const before = { code: await leaderboard.latestFit(code), math: await leaderboard.latestFit(math) };
    const heard = new Promise((resolve) => {
      leaderboard.subscribe(code, resolve);
    });
    const effect = await leaderboard.effectOf(await vote(["code", "lang_en"]));
    expect(effect.a.after?.score).toBeGreaterThan(effect.a.before?.score ?? Number.POSITIVE_INFINITY);
    expect(await heard).toMatchObject(code);
    expect((await leaderboard.latestFit(code)).votes).toBe(before.code.votes + 1);
    expect(await leaderboard.latestFit(math)).toBe(before.math);
    const { stored, recounted } = await storedAndRecounted(database.db);
    expect(stored).toEqual(recounted);
  });

  it("is answered from memory until the next one, and 304 to those who have it", async () => {
    const query = boardQuerySchema.parse({ category: "math" });
    const first = await leaderboard.answer(query);
    expect((await leaderboard.answer(query)).body).toBe(first.body);
    const known = await get("/api/leaderboard?category=math", { "if-none-match": `"other", ${first.etag}` });
    expect(known).toMatchObject({ statusCode: 304, body: "" });
    await leaderboard.effectOf(await vote(["code"]));
    // The list of categories has moved.
    expect((await leaderboard.answer(query)).etag).not.toBe(first.etag);
  });
});

describe("style control", () => {
  it("shows the scores of the counts until it is there, and says so", async () => {
    const fresh = createLeaderboard({
      ...{ db: database.db, databaseUrl: "postgres://127.0.0.1:1/none", styleRefreshMs: 60_000 },
      ...{ secret: "test", logger: pino({ level: "silent" }) },
    });
    try {
      const styled = await fresh.current(boardQuerySchema.parse({ category: "math", style: "1" }));
      const plain = await fresh.current(boardQuerySchema.parse({ category: "math" }));
      expect(styled).toMatchObject({ isReady: false, style: true, styleEffects: [] });
      expect(styled.rows).toEqual(plain.rows);
      expect(plain.rows[0]?.rating).not.toBeNull();
    } finally {
      await fresh.close();
    }
  });

  it("finds what length does, in a thread of its own, and is kept as a snapshot", async () => {
    const query = boardQuerySchema.parse({ category: "lang_en", style: "1" });
    const ready = new Promise<void>((resolve) => {
      const look = async () => {
        if ((await leaderboard.current(query)).isReady) resolve();
      };
      leaderboard.subscribe({ board: "blind", category: "lang_en" }, look);
      void look();
    });
    await ready;
    const board = leaderboardSchema.parse((await get("/api/leaderboard?category=lang_en&style=1")).json());
    expect(board.isReady).toBe(true);
    expect(board.rows[0]?.model).toBe(best);
    const tokens = board.styleEffects.find(({ name }) => name === "tokens");
    // Standard deviation of the relative difference of two uniform lengths, times what ties take from the effect.
    expect(tokens?.gamma).toBeGreaterThan(0.2 * trueLengthEffect);
    expect(tokens?.gamma).toBeLessThan(0.5 * trueLengthEffect);
    for (const { name, lower, upper } of board.styleEffects) {
      if (name !== "tokens") expect(lower < 0.08 && upper > -0.08).toBe(true);
    }
    const kept = await database.db.ratingSnapshot.count({ where: { variant: "style", category: "lang_en" } });
    expect(kept).toBe(1);
    // Another server takes it over.
    const other = newLeaderboard();
    try {
      expect((await other.current(query)).isReady).toBe(true);
    } finally {
      await other.close();
    }
  });
});

describe("what is published of a board", () => {
  it("gives the board to the last digit from its pair counts", async () => {
    const published = boardPairsSchema.parse((await get("/api/leaderboard/pairs?category=math")).json());
    const board = await leaderboard.current(boardQuerySchema.parse({ category: "math" }));
    const { rows } = fitBoard(
      published.models.length,
      published.pairs.map(([i, j, winI, winJ, tie, bothBad]) => ({ i, j, winI, winJ, tie, bothBad })),
    );
    for (const { model, votes: count, rating } of board.rows) {
      const row = rows[published.models.findIndex((entry) => entry.model === model)];
      expect(row?.votes).toBe(count);
      expect(row?.rating?.score).toBeCloseTo(rating?.score ?? 0, 6);
    }
    expect(published.models[0]?.model).toBe(best);
  });

  it("predicts votes that it has not seen about as often as it says", async () => {
    const {
      bins,
      logLoss,
      chance,
      votes: predicted,
    } = boardCalibrationSchema.parse((await get("/api/leaderboard/calibration")).json());
    expect(predicted).toBeGreaterThanOrEqual(votes);
    expect(logLoss).toBeLessThan(chance);
    for (const bin of bins.filter(({ votes: count }) => count > 200)) {
      expect(Math.abs(bin.observed - bin.predicted)).toBeLessThan(5 * bin.standardError);
    }
    const empty = boardCalibrationSchema.parse(
      (await get("/api/leaderboard/calibration?board=judge")).json(),
    );
    expect(empty).toMatchObject({ votes: 0, logLoss: null, bins: [] });
  });

  it("has a history, thinned out to one fit a day after a week", async () => {
    const { db } = database;
    const day = 86_400_000;
    const noon = Math.floor(Date.now() / day) * day - 30 * day + day / 2;
    await leaderboard.current(boardQuerySchema.parse({ category: "hard_prompt" }));
    await leaderboard.stored();
    const { id: _, ...template } = await db.ratingSnapshot.findFirstOrThrow({
      where: { category: "hard_prompt" },
    });
    const snapshot = (at: number) => ({ ...template, id: uuidv7(), createdAt: new Date(at) }) as never;
    await db.ratingSnapshot.deleteMany({ where: { category: "hard_prompt" } });
    for (const at of [noon, noon + 3_600_000, noon + day, Date.now() - 2 * 3_600_000]) {
      await db.ratingSnapshot.create({ data: snapshot(at) });
    }
    await db.$executeRaw`UPDATE pair_counts SET tie = tie + 1 WHERE category = 'hard_prompt'`;
    const fresh = newLeaderboard();
    try {
      await fresh.current(boardQuerySchema.parse({ category: "hard_prompt" }));
      await fresh.stored();
      const history = boardHistorySchema.parse(
        await fresh.history({ board: "blind", category: "hard_prompt", models: `${best},${last}` }),
      );
      expect(history.points.map(({ at }) => at).slice(0, 2)).toEqual(
        [noon + 3_600_000, noon + day].map((at) => new Date(at).toISOString()),
      );
      expect(history.points).toHaveLength(4);
      const [first, second] = history.points[0]?.scores ?? [];
      expect(first?.[0]).toBeGreaterThan(second?.[0] ?? Number.POSITIVE_INFINITY);
      await expect(
        fresh.history({ board: "blind", category: "code", models: "nobody" }),
      ).rejects.toMatchObject({
        code: "model_not_found",
      });
    } finally {
      await fresh.close();
      await db.$executeRaw`UPDATE pair_counts SET tie = tie - 1 WHERE category = 'hard_prompt'`;
    }
  });

  it("compares two models, by category and in both directions", async () => {
    const url = (a: string, b: string) => `/api/leaderboard/h2h?a=${a}&b=${b}`;
    const there = headToHeadSchema.parse((await get(url(best, last))).json());
    const back = headToHeadSchema.parse((await get(url(last, best))).json());
    expect(there.overall).toMatchObject({ isSeparated: true, votesToSeparate: 0 });
    expect(there.overall.probabilityBetter).toBeGreaterThan(0.999);
    expect(there.overall.direct.wins).toBe(back.overall.direct.losses);
    expect(there.overall.predicted?.value).toBeCloseTo(1 - (back.overall.predicted?.value ?? 0), 9);
    expect(there.categories.map(({ category }) => category)).toContain("code");
    const close = headToHeadSchema.parse((await get(url("model-003", "model-004"))).json());
    expect(close.overall.isSeparated).toBe((close.overall.votesToSeparate ?? 1) === 0);

    expect((await get(url(best, best))).json()).toMatchObject({ error: { param: "b" } });
    expect((await get(url(best, "nobody"))).statusCode).toBe(404);
  });

  it("has a card for each model", async () => {
    const card = modelCardSchema.parse((await get(`/api/models/${best}`)).json());
    expect(card).toMatchObject({ isServed: true, rating: { rankBest: 1 } });
    expect(card.opponents).toHaveLength(models - 1);
    expect(card.opponents.reduce((sum, { votes: count }) => sum + count, 0)).toBe(card.votes);
    expect(card.bestOpponents).toHaveLength(5);
    expect(card.worstOpponents[0]).not.toBe(card.bestOpponents[0]);
    expect(card.categories.map(({ category }) => category)).toContain("lang_en");
    expect(card.history.at(-1)?.score?.[0]).toBeGreaterThan(1000);
    expect(card.votesByDay.reduce((sum, { votes: count }) => sum + count, 0)).toBe(card.votes);
    expect((await get("/api/models/nobody")).json()).toMatchObject({ error: { code: "model_not_found" } });
  });
});
