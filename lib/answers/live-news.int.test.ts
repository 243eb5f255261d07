import { randomUUID } from "node:crypto";
import pino from "pino";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { closeDatabase, createDatabase, type Database } from "@/lib/db";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { createLiveNews, type LiveNews } from "./live-news";

let database: TestDatabase;
const servers: LiveNews[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});
afterAll(() => database.drop());

/** A server that listens, what it hears of battles, and what it warns of. */
async function startServer(db: Database = database.db) {
  const heard: string[] = [];
  const warned: string[] = [];
  const logger = pino({ level: "warn" }, { write: (line: string) => warned.push(JSON.parse(line).msg) });
  const server = createLiveNews({ db, databaseUrl: database.url, serverId: randomUUID(), logger });
  server.hear("battle", async (id) => {
    heard.push(id);
  });
  const before = await listeners();
  server.start();
  servers.push(server);
  await expect.poll(listeners).toBe(before + 1);
  return { server, heard, warned };
}

async function listeners(): Promise<number> {
  const [row] = await database.db.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int FROM pg_stat_activity
    WHERE datname = current_database() AND query = 'LISTEN "arena_live"'`;
  return row?.count ?? 0;
}

it("reaches every other server and not the one that tells, and only what is listened for", async () => {
  const [one, two, three] = [await startServer(), await startServer(), await startServer()];
  const [first, second] = [randomUUID(), randomUUID()];
  one.server.tell("vote", [first]);
  one.server.tell("battle", [first, second]);
  two.server.tell("battle", []);
  await expect
    .poll(() => [two.heard, three.heard])
    .toEqual([
      [first, second],
      [first, second],
    ]);
  // What was told before has come by now.
  three.server.tell("battle", [second]);
  await expect.poll(() => one.heard).toEqual([second]);
});

it("does not mind what it does not know, and says where something fails", async () => {
  const { heard, warned } = await startServer();
  const nowhere = createDatabase("postgresql://nobody@127.0.0.1:1/none");
  const other = await startServer(nowhere);
  const id = randomUUID();
  for (const payload of [
    "",
    "battle",
    `battle:${id}`,
    `trial:${id}:${id}`,
    `battle:'; --:${id}`,
    `battle:${id}:${id}`,
  ]) {
    await database.db.$executeRaw`SELECT pg_notify('arena_live', ${payload})`;
  }
  await expect.poll(() => heard).toEqual([id]);
  expect(warned).toEqual([]);
  // Whoever tells goes on: their change is committed.
  other.server.tell("battle", [id]);
  await expect.poll(() => other.warned).toEqual(["other servers were not told of a change"]);
  await closeDatabase(nowhere);

  const { server, warned: failed } = await startServer();
  server.hear("vote", () => Promise.reject(new Error("The rows cannot be read.")));
  await database.db.$executeRaw`SELECT pg_notify('arena_live', ${`vote:${id}:${id}`})`;
  await expect.poll(() => failed).toEqual(["what another server has changed cannot be shown"]);
});
