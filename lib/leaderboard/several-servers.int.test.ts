import pino from "pino";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { type BoardEvent, type BoardName, boardNames } from "@/lib/protocol";
import { countVote } from "./count-vote";
import { createLeaderboard, type LeaderboardService } from "./leaderboard-service";
import { insertVotes } from "./test-support";

let database: TestDatabase;
const servers: LeaderboardService[] = [];
const overall = (board: BoardName) => ({ board, category: "overall" }) as const;

beforeAll(async () => {
  database = await createTestDatabase();
  await insertVotes(database.db, { models: 4, votes: 400 });
});
afterAll(async () => {
  for (const server of servers) await server.close();
  await database.drop();
});

/** A server of the site, and how often it has fitted a board. */
function startServer() {
  const fits: string[] = [];
  const logger = pino(
    { level: "debug" },
    {
      write(line: string) {
        const entry = JSON.parse(line) as { msg: string; board?: string; category?: string };
        if (entry.msg === "board refitted") fits.push(`${entry.board}/${entry.category}`);
      },
    },
  );
  const server = createLeaderboard({
    ...{ db: database.db, databaseUrl: database.url, logger },
    ...{ styleRefreshMs: 60_000, secret: "test" },
  });
  servers.push(server);
  return { server, fits };
}

/** A vote counted by whoever: only the database knows of it. */
async function count(board: BoardName): Promise<{ board: BoardName; modelAId: string; modelBId: string }> {
  const [a, b] = await database.db.model.findMany({ orderBy: { name: "asc" }, take: 2 });
  if (a === undefined || b === undefined) throw new Error("no models");
  const pair = { modelAId: a.id, modelBId: b.id };
  const [voteId, visitorId] = [uuidv7(), uuidv7()];
  await database.db.$transaction(async (tx) => {
    await tx.visitor.create({ data: { id: visitorId } });
    await countVote(tx, { voteId, board, categories: [], ...pair, visitorId, outcome: "tie" });
  });
  return { board, ...pair };
}

const nextEvent = (server: LeaderboardService, board: BoardName) =>
  new Promise<BoardEvent>((resolve) => {
    const stop = server.subscribe(overall(board), (event) => {
      stop();
      resolve(event);
    });
  });

describe("several servers", () => {
  it("hear of each other's votes, and only those that show a board fit it", async () => {
    const [voted, shows, idle] = [startServer(), startServer(), startServer()];
    for (const { server } of [voted, shows, idle]) await server.latestFit(overall("blind"));
    const before = idle.fits.length;
    const heard = nextEvent(shows.server, "blind");
    const vote = await count("blind");
    const effect = await voted.server.effectOf({ ...vote, outcome: "tie" });
    expect(effect.a.after).not.toBeNull();
    expect(await heard).toMatchObject(overall("blind"));
    expect((await shows.server.latestFit(overall("blind"))).votes).toBe(401);
    expect(idle.fits).toHaveLength(before);
    // One snapshot of these counts is kept, whoever fitted them.
    for (const { server } of [voted, shows]) await server.stored();
    const { inputsHash } = await voted.server.latestFit(overall("blind"));
    expect(await database.db.ratingSnapshot.count({ where: { inputsHash } })).toBe(1);
  });

  it("hear of what no server counted", async () => {
    const { server } = startServer();
    await server.latestFit(overall("blind"));
    const heard = nextEvent(server, "blind");
    // Its first look, when it begins to listen, finds nothing new.
    await database.db
      .$executeRaw`UPDATE pair_counts SET tie = tie + 1 WHERE board = 'blind' AND category = 'overall'`;
    expect(await heard).toMatchObject(overall("blind"));
  });

  it("never mix boards: a vote moves its own and no other, imported ones neither", async () => {
    const { server } = startServer();
    for (const board of boardNames) {
      const before = await Promise.all(boardNames.map((name) => server.latestFit(overall(name))));
      await server.effectOf({ ...(await count(board)), outcome: "tie" });
      const after = await Promise.all(boardNames.map((name) => server.latestFit(overall(name))));
      boardNames.forEach((name, at) => {
        const own = after[at]?.votes ?? 0;
        expect(own - (before[at]?.votes ?? 0)).toBe(name === board ? 1 : 0);
        if (name !== board) expect(after[at]?.inputsHash).toBe(before[at]?.inputsHash);
      });
    }
    const { inputsHash } = await server.latestFit(overall("blind"));
    await database.db.$executeRaw`
      INSERT INTO pair_counts (board, category, low_id, high_id, win_low)
      SELECT 'imported:elsewhere', 'overall', low_id, high_id, 1000 FROM pair_counts
      WHERE board = 'blind' AND category = 'overall' LIMIT 1`;
    const { server: fresh } = startServer();
    expect((await fresh.latestFit(overall("blind"))).inputsHash).toBe(inputsHash);
  });
});
