import { gunzipSync } from "node:zlib";
import Fastify, { type FastifyInstance } from "fastify";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { decodeVoteFile, fitFork, forkChoiceSchema, type VoteFile } from "@/lib/fork";
import { handleApiError } from "@/lib/http";
import { type BoardPairs, boardPairsSchema, boardQuerySchema, type Leaderboard } from "@/lib/protocol";
import { createLeaderboard, type LeaderboardService } from "./leaderboard-service";
import { leaderboardRoutes } from "./routes";
import { insertVotes } from "./test-support";

const size = 4_000;
let database: TestDatabase;
let leaderboard: LeaderboardService;
let app: FastifyInstance;

beforeAll(async () => {
  database = await createTestDatabase();
  await insertVotes(database.db, { models: 7, votes: size });
  leaderboard = newLeaderboard();
  app = Fastify();
  app.setErrorHandler(handleApiError);
  await app.register(leaderboardRoutes, {
    ...{ leaderboard, controller: { models: () => [] } },
    limitEarlier: async () => undefined,
  });
});
afterAll(async () => {
  await app.close();
  await leaderboard.close();
  await database.drop();
});

const newLeaderboard = (secret = "one") =>
  createLeaderboard({
    ...{ db: database.db, databaseUrl: database.url, logger: pino({ level: "silent" }) },
    ...{ styleRefreshMs: 1, secret },
  });
const readPairs = async (query = ""): Promise<BoardPairs> =>
  boardPairsSchema.parse((await app.inject({ url: `/api/leaderboard/pairs${query}` })).json());
const decode = (bytes: Buffer) => decodeVoteFile(new Uint8Array(bytes));
const readVotes = async (): Promise<VoteFile> =>
  decode((await app.inject({ url: "/api/leaderboard/votes" })).rawPayload);

/** The board with style control, once it is there. */
async function styledBoard(category: "overall" | "code"): Promise<Leaderboard> {
  const query = boardQuerySchema.parse({ category, style: "1" });
  for (;;) {
    const board = await leaderboard.current(query);
    if (board.isReady) return board;
    await new Promise<void>((resolve) => {
      const stop = leaderboard.subscribe({ board: "blind", category }, () => {
        stop();
        resolve();
      });
    });
  }
}

describe("the published counts", () => {
  it("are the same bytes until the counts change, compressed for those who ask, and 304 for those who have them", async () => {
    const plain = await app.inject({ url: "/api/leaderboard/pairs" });
    const packed = await app.inject({
      url: "/api/leaderboard/pairs",
      headers: { "accept-encoding": "br, gzip;q=0.8" },
    });
    expect(packed.headers).toMatchObject({ "content-encoding": "gzip", vary: "accept-encoding" });
    expect(gunzipSync(packed.rawPayload)).toEqual(plain.rawPayload);
    expect(plain.headers["content-encoding"]).toBeUndefined();
    const refused = await app.inject({
      url: "/api/leaderboard/pairs",
      headers: { "accept-encoding": "gzip;q=0, br" },
    });
    expect(refused.headers["content-encoding"]).toBeUndefined();
    const { etag } = plain.headers;
    const known = await app.inject({
      url: "/api/leaderboard/pairs",
      headers: { "if-none-match": String(etag) },
    });
    expect(known).toMatchObject({ statusCode: 304, body: "" });
    const key = { board: "blind", category: "overall" } as const;
    expect((await leaderboard.pairs(key)).body).toBe((await leaderboard.pairs(key)).body);
  });

  it.each(["half", "davidson", "rao_kupper", "grounded"] as const)(
    "give a browser the server's board with ties %s",
    async (ties) => {
      const board = await leaderboard.current(boardQuerySchema.parse({ ties }));
      const fork = fitFork(await readPairs(), null, forkChoiceSchema.parse({ ties }));
      expect(fork.fittedTies).toBe(board.fittedTies);
      for (const row of board.rows) {
        const own = fork.rows.find(({ model }) => model === row.model)?.rating;
        expect(own?.score).toBeCloseTo(row.rating?.score ?? Number.NaN, 8);
        expect(own?.lower).toBeCloseTo(row.rating?.lower ?? Number.NaN, 8);
        expect(own?.upper).toBeCloseTo(row.rating?.upper ?? Number.NaN, 8);
      }
    },
  );
});

describe("the file of votes", () => {
  it.each(["overall", "code"] as const)(
    "gives a browser the server's board with style control, %s",
    async (category) => {
      const board = await styledBoard(category);
      const pairs = await readPairs(`?category=${category}`);
      const choice = forkChoiceSchema.parse({
        covariates: ["tokens", "headers", "bold", "lists", "position"],
      });
      const fork = fitFork(pairs, await readVotes(), choice);
      expect(fork.votes).toBe(board.votes);
      for (const row of board.rows) {
        const own = fork.rows.find(({ model }) => model === row.model)?.rating;
        expect(own?.score).toBeCloseTo(row.rating?.score ?? Number.NaN, 8);
        expect(own?.lower).toBeCloseTo(row.rating?.lower ?? Number.NaN, 8);
      }
      expect(board.styleEffects).toHaveLength(5);
      for (const { name, gamma } of board.styleEffects)
        expect(fork.effects.find((effect) => effect.name === name)?.gamma).toBeCloseTo(gamma, 10);
    },
  );

  it("has every vote once, with the counts that are published", async () => {
    const [votes, pairs] = [await readVotes(), await readPairs()];
    expect(votes).toMatchObject({ board: "blind", size, voters: size / 8 });
    const fromVotes = fitFork(pairs, votes, forkChoiceSchema.parse({ covariates: ["position"] }));
    for (const row of fromVotes.rows)
      expect(row.votes).toBe(pairs.models.find(({ model }) => model === row.model)?.votes);
    expect(new Set(votes.voter).size).toBe(size / 8);
    const inCode = Array.from(votes.categoryBits).filter(
      (bits) => ((bits >> votes.categories.indexOf("code")) & 1) === 1,
    );
    expect(inCode).toHaveLength(size / 5);
    const chinese = Array.from(votes.language).filter((at) => votes.languages[at] === "zh");
    expect(chinese).toHaveLength(Math.ceil(size / 3));
  });

  it("says nothing of who voted or when", async () => {
    const { rawPayload } = await app.inject({ url: "/api/leaderboard/votes" });
    const visitors = await database.db.visitor.findMany({ select: { id: true } });
    for (const { id } of visitors) {
      expect(rawPayload.includes(id)).toBe(false);
      expect(rawPayload.includes(Buffer.from(id.replaceAll("-", ""), "hex"))).toBe(false);
    }
    // Sorted by models, then by pseudonym: the order in which votes were cast is gone.
    const { a, b, voter, models } = decode(rawPayload);
    const places = Array.from(
      a,
      (left, row) => [left * models.length + (b[row] ?? 0), voter[row] ?? 0] as const,
    );
    expect(places).toEqual([...places].sort((x, y) => x[0] - y[0] || x[1] - y[1]));
  });

  it("deals the pseudonyms by the site's secret, the same in all its servers", async () => {
    const hashOf = async (secret: string): Promise<string> => {
      const other = newLeaderboard(secret);
      try {
        return (await other.votes("blind")).sha256;
      } finally {
        await other.close();
      }
    };
    const own = (await leaderboard.votes("blind")).sha256;
    expect(await hashOf("one")).toBe(own);
    expect(await hashOf("two")).not.toBe(own);
  });

  it("is sent with its length for a progress bar, compressed for those who ask, and 304 to those who have it", async () => {
    const url = "/api/leaderboard/votes";
    const plain = await app.inject({ url });
    expect(Number(plain.headers["x-uncompressed-length"])).toBe(plain.rawPayload.length);
    const packed = await app.inject({ url, headers: { "accept-encoding": "gzip" } });
    expect(packed.headers["content-encoding"]).toBe("gzip");
    expect(packed.rawPayload.length).toBeLessThan(plain.rawPayload.length);
    expect(gunzipSync(packed.rawPayload)).toEqual(plain.rawPayload);
    const known = await app.inject({ url, headers: { "if-none-match": String(plain.headers.etag) } });
    expect(known).toMatchObject({ statusCode: 304, body: "" });
    const none = decode((await app.inject({ url: `${url}?board=judge` })).rawPayload);
    expect(none).toMatchObject({ board: "judge", size: 0, voters: 0 });
    expect((await app.inject({ url: `${url}?board=all` })).statusCode).toBe(400);
  });
});
