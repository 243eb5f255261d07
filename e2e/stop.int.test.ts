import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Client } from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { childEnv } from "@/lib/env";
import { openChatStream } from "./chaos/chat-stream";
import { startDatabaseRelay } from "./chaos/database-relay";
import { Visitor } from "./chaos/visitor";
import { startMockWorker } from "./fixtures/worker-process";

/** A server process that is told to stop, as a service manager tells it: what balancers and clients see of it, and how long it takes. */

const joinToken = "join-token-of-this-test";

let database: TestDatabase;
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await database.drop();
});

type Server = {
  url: string;
  child: ChildProcess;
  exited: Promise<{ code: number | null; said: string }>;
};

/** The server without Next's pages; rejects with what it says where it does not start. */
async function startServer(env: Record<string, string>): Promise<Server> {
  const child = spawn(process.execPath, ["--import", "tsx", "lib/server/testing/serve-fixture.ts"], {
    env: childEnv({
      ...{ HOST: "127.0.0.1", PORT: "0", DATABASE_URL: database.url, NODE_OPTIONS: undefined },
      ...{ ARENA_SECRET: "0123456789abcdef0123456789abcdef", ARENA_JOIN_TOKEN: joinToken },
      ...{ ARENA_UNGUARDED: "1", ARENA_LOG_LEVEL: "silent", ...env },
    }),
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  closers.push(() => child.kill("SIGKILL"));
  let said = "";
  child.stderr?.on("data", (bytes: Buffer) => {
    said += bytes.toString("utf8");
  });
  // What it knows of goes to whoever has started it.
  child.on("message", (message: { message?: string }) => {
    said += message.message ?? "";
  });
  const exited = once(child, "exit").then(([code]) => ({ code: code as number | null, said }));
  const [message] = (await once(child, "message")) as [{ url?: string; message?: string }];
  if (message.url === undefined) throw new Error(message.message);
  return { url: message.url, child, exited };
}

async function startWorker(controllerUrl: string, name: string, delayMs: number, scenario = "long") {
  const worker = await startMockWorker({ controllerUrl, joinToken, name, scenario, delayMs, slots: 8 });
  closers.push(() => worker.kill());
}

const ask = (url: string, model: string): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model, messages: [{ role: "user", content: "Hi" }] }),
  });

describe("SIGTERM", () => {
  it("is told to balancers first, then requests are refused, and the end comes in time", async () => {
    const { url, child, exited } = await startServer({ ARENA_DRAIN_MS: "5000", ARENA_DRAIN_LEAD_MS: "2000" });
    await startWorker(url, "endless", 300);
    await startWorker(url, "quick", 0, "instant");
    const endless = openChatStream({ url, model: "endless" });
    await endless.begun;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);

    const toldAt = performance.now();
    child.kill("SIGTERM");
    // A service manager may tell each process of a cluster, and its primary tells it again.
    child.kill("SIGTERM");
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { interval: 20 }).toBe(503);
    expect(performance.now() - toldAt).toBeLessThan(1_000);
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: "stopping" });

    // Whoever has not heard of it yet is served, but not over this connection again.
    const served = await ask(url, "quick");
    expect(served.status).toBe(200);
    expect(served.headers.get("connection")).toBe("close");
    expect((await fetch(`${url}/`)).headers.get("connection")).toBe("close");

    await expect
      .poll(async () => (await ask(url, "quick")).status, { timeout: 5_000, interval: 50 })
      .toBe(503);
    expect(performance.now() - toldAt).toBeGreaterThan(1_900);
    const battle = await fetch(`${url}/api/battles`, { method: "POST" });
    for (const refused of [await ask(url, "quick"), battle]) {
      expect(refused.status).toBe(503);
      expect(await refused.json()).toMatchObject({ error: { code: "shutting_down" } });
      expect(Object.fromEntries(refused.headers)).toMatchObject({
        ...{ "retry-after": "1", connection: "close", "x-arena-stopping": "1" },
      });
    }
    // What is there can be read, and what began before goes on to the limit.
    expect((await fetch(`${url}/`)).status).toBe(200);
    const { code, said } = await exited;
    expect(performance.now() - toldAt).toBeLessThan(6_000);
    expect(code, said).toBe(0);
    expect(await endless.end).toMatchObject({ kind: "told" });
  });

  it("does not wait for a moderation endpoint that hangs", async () => {
    let isHanging = false;
    let hung = 0;
    const endpoint = createServer((request, response) => {
      request.resume();
      if (isHanging) hung += 1;
      else response.end(JSON.stringify({ results: [{ category_scores: { violence: 0 } }] }));
    });
    endpoint.listen(0, "127.0.0.1");
    await once(endpoint, "listening");
    closers.push(() => endpoint.closeAllConnections());
    const moderationUrl = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/`;
    const { url, child, exited } = await startServer({
      ...{ ARENA_DRAIN_MS: "500", ARENA_DRAIN_LEAD_MS: "0", ARENA_MODERATION_URL: moderationUrl },
    });
    await Promise.all([startWorker(url, "one", 150, "plain"), startWorker(url, "two", 150, "plain")]);
    const visitor = new Visitor();
    const battle = await visitor.begin(url, "Hello");
    expect(battle).not.toBeNull();
    isHanging = true;
    await expect.poll(() => hung, { timeout: 20_000 }).toBeGreaterThan(0);
    const toldAt = performance.now();
    child.kill("SIGTERM");
    const { code, said } = await exited;
    expect(performance.now() - toldAt).toBeLessThan(1_500);
    expect(code, said).toBe(0);
    // What nobody has checked, a person looks at.
    expect(await database.db.moderationResult.count({ where: { outcome: "failed" } })).toBeGreaterThan(0);
  });

  it("does not wait for a database that hangs", async () => {
    const relay = await startDatabaseRelay(Number(new URL(database.url).port));
    closers.push(() => relay.close());
    const through = new URL(database.url);
    through.port = String(relay.port);
    const { child, exited } = await startServer({
      ...{ DATABASE_URL: through.href, ARENA_DRAIN_MS: "500", ARENA_DRAIN_LEAD_MS: "0" },
    });
    relay.cut("hang");
    const toldAt = performance.now();
    child.kill("SIGTERM");
    const { code, said } = await exited;
    // The limit, and the second that a stop may take beyond it; the rest is the end of the process itself.
    expect(performance.now() - toldAt).toBeLessThan(500 + 1_000 + 500);
    expect(code).toBe(1);
    expect(said).toContain("could not close within 1.4 s");
  });
});

describe("a start", () => {
  it("over a database that lacks migrations is refused, and says what to run", async () => {
    const bare = await createTestDatabase({ isBare: true });
    closers.push(() => bare.drop());
    await expect(startServer({ DATABASE_URL: bare.url })).rejects.toThrow(
      /lacks \d+ migrations .* of this version.* npm run migrate/,
    );
  });

  it("over a database that a newer version has used is refused", async () => {
    await database.db.$executeRaw`
      INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
      VALUES ('of-tomorrow', '', '29991231000000_of_tomorrow', now(), 1)`;
    await expect(startServer({})).rejects.toThrow(
      "used by a newer Chat Arena (it has the migration 29991231000000_of_tomorrow)",
    );
  });
});

it("/readyz tells of a newer version's migrations and serves on, and of missing ones and does not", async () => {
  const { url } = await startServer({ ARENA_DRAIN_MS: "0" });
  const ready = async () => {
    const response = await fetch(`${url}/readyz`);
    return { code: response.status, ...((await response.json()) as object) };
  };
  expect(await ready()).toMatchObject({ code: 200, status: "ok", schema: "current" });
  const client = new Client({ connectionString: database.url });
  await client.connect();
  closers.push(() => client.end());
  await client.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
     VALUES ('of-tomorrow', '', '29991231000000_of_tomorrow', now(), 1)`,
  );
  expect(await ready()).toMatchObject({ code: 200, status: "ok", schema: "newer" });
  await client.query(
    "DELETE FROM _prisma_migrations WHERE migration_name = (SELECT min(migration_name) FROM _prisma_migrations)",
  );
  expect(await ready()).toMatchObject({ code: 503, status: "migrations_missing", schema: "older" });
});
