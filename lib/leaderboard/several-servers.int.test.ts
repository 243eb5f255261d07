import { Client } from "pg";
import pino from "pino";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDatabase, createDatabase, type Database } from "@/lib/db";
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

/** A server of the site, and how often it has fitted a board, or loaded what another one had fitted. */
function startServer(db: Database = database.db) {
  const fits: string[] = [];
  const loads: string[] = [];
  const logger = pino(
    { level: "debug" },
    {
      write(line: string) {
        const entry = JSON.parse(line) as { msg: string; board?: string; category?: string };
        const name = `${entry.board}/${entry.category}`;
        if (entry.msg === "board refitted") fits.push(name);
        if (entry.msg === "board loaded") loads.push(name);
      },
    },
  );
  const server = createLeaderboard({
    ...{ db, databaseUrl: database.url, logger },
    ...{ styleRefreshMs: 60_000, secret: "test" },
  });
  servers.push(server);
  return { server, fits, loads };
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

/** Resolves when somebody waits for a claim to be freed. */
async function waitsForClaim(): Promise<void> {
  for (;;) {
    const rows = await database.db.$queryRaw`
      SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = 7302002 AND NOT granted`;
    if ((rows as unknown[]).length > 0) return;
  }
}

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

  it("share one fit of each change: whoever is first makes it, the others load it", async () => {
    const shown = [startServer(), startServer(), startServer()];
    for (const { server } of shown) await server.latestFit(overall("blind"));
    const fitsOf = () => shown.reduce((sum, { fits }) => sum + fits.length, 0);
    for (let round = 0; round < 3; round++) {
      for (const { server } of shown) await server.stored();
      const before = fitsOf();
      const loadsBefore = shown.reduce((sum, { loads }) => sum + loads.length, 0);
      const heard = shown.map(({ server }) => nextEvent(server, "blind"));
      await count("blind");
      const events = await Promise.all(heard);
      expect(new Set(events.map(({ snapshotId }) => snapshotId)).size).toBe(1);
      expect(fitsOf() - before).toBe(1);
      expect(shown.reduce((sum, { loads }) => sum + loads.length, 0) - loadsBefore).toBe(2);
    }
    // What was loaded is what was fitted, to the digit, with all that other fits of the same counts need.
    const [first, ...others] = await Promise.all(
      shown.map(({ server }) => server.latestFit(overall("blind"))),
    );
    for (const other of others) expect(other).toEqual(first);
  });

  it("take over from a server that ends while it fits, and from one that was the only to fit", async () => {
    const { server, fits } = startServer();
    await server.latestFit(overall("blind"));
    await server.stored();
    const before = fits.length;
    // Another server of the site: it has claimed the board, and is killed before it has put its fit.
    const other = new Client({ connectionString: database.url });
    other.on("error", () => undefined);
    await other.connect();
    const { rows } = await other.query<{ held: boolean; pid: number }>(
      "SELECT pg_try_advisory_lock(7302002, hashtext('blind/overall')) AS held, pg_backend_pid() AS pid",
    );
    expect(rows[0]?.held).toBe(true);
    const vote = await count("blind");
    // A reveal waits for nobody, and what it fits aside is not the board's fit.
    const effect = await server.effectOf({ ...vote, outcome: "tie" });
    expect(effect.a.after).not.toBeNull();
    expect(fits).toHaveLength(before);
    const latest = server.latestFit(overall("blind"));
    await waitsForClaim();
    await database.db.$queryRaw`SELECT pg_terminate_backend(${rows[0]?.pid ?? 0}::int)`;
    const total = await database.db.boardTotal.findUniqueOrThrow({ where: { board: "blind" } });
    expect((await latest).votes).toBe(total.votes);
    expect(fits).toHaveLength(before + 1);

    const { server: next, fits: nextFits } = startServer();
    await server.stored();
    await next.latestFit(overall("blind"));
    expect(nextFits).toHaveLength(0);
    await server.close();
    const heard = nextEvent(next, "blind");
    await count("blind");
    await heard;
    expect(nextFits).toHaveLength(1);
  });

  it("do without a server that has claimed a board and stands still", async () => {
    const { server, fits } = startServer();
    await server.latestFit(overall("blind"));
    await server.stored();
    const before = fits.length;
    const other = new Client({ connectionString: database.url });
    await other.connect();
    await other.query("SELECT pg_advisory_lock(7302002, hashtext('blind/overall'))");
    await count("blind");
    const total = await database.db.boardTotal.findUniqueOrThrow({ where: { board: "blind" } });
    // A vote on another board makes this server look at all of them again.
    await server.effectOf({ ...(await count("compare")), outcome: "tie" });
    expect((await server.latestFit(overall("blind"))).votes).toBe(total.votes);
    expect(fits.slice(before)).toEqual(["compare/overall", "blind/overall"]);
    await other.end();
  });

  it("make a new connection for their claims when that is cut, and lose no vote by it", async () => {
    const { server, fits } = startServer();
    await server.latestFit(overall("blind"));
    await database.db.$queryRaw`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'chat-arena boards'`;
    const before = fits.length;
    const vote = await count("blind");
    await server.effectOf({ ...vote, outcome: "tie" });
    const total = await database.db.boardTotal.findUniqueOrThrow({ where: { board: "blind" } });
    expect((await server.latestFit(overall("blind"))).votes).toBe(total.votes);
    expect(fits).toHaveLength(before + 1);
  });

  it("keep their last board while the database is lost, and fit again when it is back", async () => {
    const nowhere = createDatabase("postgresql://nobody@127.0.0.1:1/none");
    let isLost = false;
    const db = new Proxy(database.db, {
      get: (target, name) => Reflect.get(isLost ? nowhere : target, name),
    });
    const { server } = startServer(db);
    const board = await server.current();
    isLost = true;
    await count("blind");
    const pair = { modelAId: uuidv7(), modelBId: uuidv7() };
    await expect(server.effectOf({ board: "blind", ...pair, outcome: "tie" })).rejects.toThrow();
    expect(await server.current()).toEqual(board);
    isLost = false;
    const newer = nextEvent(server, "blind");
    await newer;
    expect((await server.current()).votes).toBe(board.votes + 1);
    await closeDatabase(nowhere);
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
