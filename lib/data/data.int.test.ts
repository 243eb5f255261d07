import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Fastify from "fastify";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { isAppError, renderJsonError } from "@/lib/errors";
import { countVote, createLeaderboard, type LeaderboardService } from "@/lib/leaderboard";
import { releaseListSchema } from "@/lib/protocol";
import { exportVotes, withConnection } from "@/lib/votes";
import { dataRoutes } from ".";

let database: TestDatabase;
let folder: string;
let leaderboard: LeaderboardService;
const warn = vi.fn();
const app = Fastify();

beforeAll(async () => {
  database = await createTestDatabase();
  folder = join(await mkdtemp(join(inject("scratch"), "data-")), "releases");
  const { db, url } = database;
  const logger = { warn, error: warn, info: warn, debug: warn } as never;
  leaderboard = createLeaderboard({
    db,
    databaseUrl: url,
    logger,
    styleRefreshMs: 1_000,
    secret: "s".repeat(32),
  });
  app.setErrorHandler((error, _request, reply) => {
    if (!isAppError(error)) throw error;
    return reply.status(error.status).send(renderJsonError(error));
  });
  await app.register(dataRoutes, { data: { db, leaderboard, releasesFolder: folder, logger: { warn } } });
  const [a, b] = [uuidv7(), uuidv7()];
  await db.model.createMany({
    data: [
      { id: a, name: "=heron", displayName: "Heron" },
      { id: b, name: "stork, large", displayName: "Stork" },
    ],
  });
  const visitorId = uuidv7();
  await db.visitor.create({ data: { id: visitorId } });
  for (const outcome of ["a", "b", "a", "tie", "both_bad"] as const) {
    await db.$transaction(async (tx) => {
      const [battleId, voteId] = [uuidv7(), uuidv7()];
      const battle = { visitorId, idempotencyKey: uuidv7(), modelAId: a, modelBId: b };
      await tx.battle.create({ data: { id: battleId, ...battle, policyId: "p", propensity: 0.5 } });
      const elo = { eloABefore: 1000, eloAAfter: 1000, eloBBefore: 1000, eloBAfter: 1000 };
      const vote = { battleId, visitorId, idempotencyKey: uuidv7(), outcome, turnCount: 1, ...elo };
      await tx.vote.create({ data: { id: voteId, ...vote } });
      await countVote(tx, {
        ...{ voteId, board: "blind", modelAId: a, modelBId: b, outcome, visitorId, categories: [] },
      } as never);
    });
  }
});
afterAll(async () => {
  await app.close();
  await leaderboard.close();
  await database.drop();
});

const get = (url: string, headers: Record<string, string> = {}, method: "GET" | "HEAD" = "GET") =>
  app.inject({ method, url: `/api/data${url}`, headers });

describe("releases", () => {
  it("are none before the first, and then listed with files and hashes, the newest first", async () => {
    expect((await get("/releases")).json()).toEqual({ releases: [] });
    for (const [name, day] of [
      ["2026-01", "2026-01-31"],
      ["2026-02", "2026-02-28"],
    ] as const) {
      await withConnection(database.url, (connection) =>
        exportVotes(connection, { folder: join(folder, name), release: name }, new Date(day)),
      );
    }
    await mkdir(join(folder, "no-release"));
    await mkdir(join(folder, "2026-03.partial"));
    const { releases } = releaseListSchema.parse((await get("/releases")).json());
    expect(releases.map(({ name }) => name)).toEqual(["2026-02", "2026-01"]);
    expect(releases[0]).toMatchObject({ votes: 5, texts: 0, licence: "CC-BY-4.0" });
    expect(warn).toHaveBeenCalledWith(expect.objectContaining({ release: "no-release" }), expect.any(String));
    for (const { name, sha256, bytes } of releases[0]?.files ?? []) {
      const response = await get(`/releases/2026-02/files/${name}`);
      expect(response.statusCode).toBe(200);
      expect(response.rawPayload.length).toBe(bytes);
      if (sha256 !== null) {
        expect(createHash("sha256").update(response.rawPayload).digest("hex")).toBe(sha256);
        expect(response.headers.etag).toBe(`"${sha256}"`);
      }
    }
  });

  it("are downloaded in parts, and not again while they are the same", async () => {
    const url = "/releases/2026-02/files/votes.jsonl";
    const whole = await readFile(join(folder, "2026-02", "votes.jsonl"));
    const full = await get(url);
    expect(full.headers).toMatchObject({
      "accept-ranges": "bytes",
      "content-type": "application/x-ndjson; charset=utf-8",
      "content-disposition": 'attachment; filename="2026-02-votes.jsonl"',
    });
    const etag = String(full.headers.etag);
    expect((await get(url, { "if-none-match": etag })).statusCode).toBe(304);
    const part = await get(url, { range: "bytes=10-19", "if-range": etag });
    expect(part.statusCode).toBe(206);
    expect(part.headers["content-range"]).toBe(`bytes 10-19/${whole.length}`);
    expect(part.rawPayload.equals(whole.subarray(10, 20))).toBe(true);
    expect((await get(url, { range: "bytes=10-19", "if-range": '"other"' })).statusCode).toBe(200);
    const rest = await get(url, { range: `bytes=${whole.length - 5}-` });
    expect(rest.rawPayload.equals(whole.subarray(-5))).toBe(true);
    const beyond = await get(url, { range: `bytes=${whole.length}-` });
    expect([beyond.statusCode, beyond.headers["content-range"]]).toEqual([416, `bytes */${whole.length}`]);
    const head = await get(url, {}, "HEAD");
    expect([head.statusCode, head.headers["content-length"], head.payload]).toEqual([
      200,
      `${whole.length}`,
      "",
    ]);
    // No battle has a published text, so the file is empty.
    expect((await get("/releases/2026-02/files/texts.jsonl")).payload).toBe("");
  });

  it("give nothing but what the manifest names", async () => {
    await writeFile(join(folder, "2026-02", "notes.txt"), "not part of it");
    await writeFile(join(folder, "outside.txt"), "outside");
    for (const path of [
      "/releases/2026-02/files/notes.txt",
      "/releases/2026-02/files/..%2F..%2Foutside.txt",
      "/releases/..%2F2026-02/files/votes.jsonl",
      "/releases/%2e%2e/files/outside.txt",
      "/releases/nowhere/files/votes.jsonl",
      "/releases/no-release/files/votes.jsonl",
      "/releases/2026-02/files/%00",
    ]) {
      expect((await get(path)).statusCode, path).toBe(404);
    }
  });
});

describe("live data", () => {
  it("has the pair counts of now, as JSON and CSV, with a tag that changes with them", async () => {
    const response = await get("/pairs");
    expect(response.json()).toMatchObject({
      ...{ board: "blind", category: "overall", votes: 5, voters: 1 },
      pairs: [{ modelA: "=heron", modelB: "stork, large", winA: 2, winB: 1, tie: 1, bothBad: 1 }],
    });
    expect((await get("/pairs", { "if-none-match": String(response.headers.etag) })).statusCode).toBe(304);
    const csv = await get("/pairs?format=csv");
    expect(csv.headers["content-type"]).toContain("text/csv");
    expect(csv.payload).toBe(`modelA,modelB,winA,winB,tie,bothBad\r\n'=heron,"stork, large",2,1,1,1\r\n`);
    expect((await get("/pairs?board=other")).statusCode).toBe(400);
    expect((await get("/pairs?category=code")).json()).toMatchObject({ category: "code", pairs: [] });
  });

  it("has scores with their covariance", async () => {
    const ratings = (await get("/ratings")).json();
    expect(ratings.rated).toHaveLength(2);
    expect(ratings.covariance).toHaveLength(3);
    expect(ratings.models.map(({ model }: { model: string }) => model).sort()).toEqual([
      "=heron",
      "stork, large",
    ]);
    const [head, ...rows] = (await get("/ratings?format=csv")).payload.trimEnd().split("\r\n");
    expect(head).toBe("model,votes,score,lower,upper,rankBest,rankWorst");
    expect(rows).toHaveLength(2);
  });
});
