import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import fastify from "fastify";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readUsage, usageRoutes } from "@/lib/accounts";
import { closeDatabase, createDatabase } from "@/lib/db";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { handleApiError } from "@/lib/http";
import { createTestKey, createTestServer, type TestServer } from "./test-support";
import { insertUsage } from "./usage/insert-usage";
import { toUsageRecord } from "./usage/usage-record";

let database: TestDatabase;
const servers: TestServer[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
afterEach(async () => {
  for (const { accounts } of servers.splice(0)) await accounts.close();
});

function serve(): TestServer {
  const server = createTestServer(database.db, database.url);
  servers.push(server);
  return server;
}

/** A way to the database that can be cut. */
async function openLine(url: string) {
  const target = new URL(url);
  const { hostname, port: databasePort } = target;
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect(Number(databasePort), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      // The other end's loss is this one's; nothing is to be told.
      socket.on("error", () => near.destroy());
      socket.on("close", () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  const open = async (port: number) => {
    proxy.listen(port, "127.0.0.1");
    await once(proxy, "listening");
    return (proxy.address() as AddressInfo).port;
  };
  const port = await open(0);
  target.port = String(port);
  return {
    url: target.href,
    cut: async () => {
      const closed = once(proxy, "close");
      proxy.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    mend: () => open(port),
  };
}

const request = { model: "demo", endpoint: "chat", estimatedTokens: 100, requestId: "r" } as const;
const done = {
  status: 200,
  outcome: "complete",
  promptTokens: 10,
  cachedTokens: 4,
  completionTokens: 20,
  queueWaitMs: 0.5,
  firstByteMs: 12,
  totalMs: 80.25,
  workerId: "01970000-0000-7000-8000-000000000000",
};

describe("usage", () => {
  it("is one record a request and a sum a day, and marks the key as used", async () => {
    const { db } = database;
    const { key, secret } = await createTestKey(db);
    const { accounts, callerOf } = serve();
    const caller = await callerOf(secret);
    accounts.accounting.begin(caller, { ...request, requestId: "r1" }).settle(done);
    accounts.accounting
      .begin(caller, { ...request, requestId: "r2" })
      .settle({ status: 502, outcome: "upstream_failed" });
    await accounts.flush();
    const records = await db.usageRecord.findMany({
      where: { caller: key.id },
      orderBy: { requestId: "asc" },
    });
    expect(records).toMatchObject([
      { requestId: "r1", ...done, model: "demo", endpoint: "chat" },
      { requestId: "r2", status: 502, outcome: "upstream_failed", promptTokens: null, workerId: null },
    ]);
    expect(await readUsage(db, { caller: key.id })).toMatchObject([
      {
        ownerLabel: "lab",
        keyPrefix: key.prefix,
        model: "demo",
        requests: 2,
        errors: 1,
        promptTokens: 10,
        cachedTokens: 4,
        completionTokens: 20,
      },
    ]);
    const { lastUsedAt } = await db.apiKey.findUniqueOrThrow({ where: { id: key.id } });
    expect(lastUsedAt).not.toBeNull();
  });

  it("of one server is all written when it stops, and adds up with another's", async () => {
    const { db } = database;
    const { key, secret } = await createTestKey(db);
    const [one, two] = [serve(), serve()];
    for (const { accounts, callerOf } of [one, two]) {
      const caller = await callerOf(secret);
      for (let count = 0; count < 450; count++) accounts.accounting.begin(caller, request).settle(done);
    }
    await Promise.all([one.accounts.close(), two.accounts.close()]);
    expect(await db.usageRecord.count({ where: { caller: key.id } })).toBe(900);
    expect(await readUsage(db, { caller: key.id })).toMatchObject([
      { requests: 900, completionTokens: 18_000 },
    ]);
  });

  it("is written once when a batch is sent twice", async () => {
    const { db } = database;
    const { key } = await createTestKey(db);
    const caller = {
      kind: "key",
      keyId: key.id,
      ownerLabel: "lab",
      scopes: { models: null, pools: null, endpoints: null, allowExperimental: false },
      limits: {
        requestsPerMinute: null,
        tokensPerMinute: null,
        requestsPerDay: null,
        tokensPerDay: null,
        maxConcurrent: null,
      },
    } as const;
    const batch = [1, 2, 3].map((day) =>
      toUsageRecord(caller, request, done, new Date(Date.UTC(2026, 0, day))),
    );
    await insertUsage(db, batch.slice(0, 2));
    await insertUsage(db, batch);
    const rows = await readUsage(db, { caller: key.id, from: "2026-01-01", to: "2026-01-02" });
    expect(rows).toMatchObject([
      { day: "2026-01-01", requests: 1 },
      { day: "2026-01-02", requests: 1 },
    ]);
  });

  it("keeps every name as it is, whatever it holds", async () => {
    const { db } = database;
    const names = [
      'say "hi"',
      "back\\slash",
      "NULL",
      "null",
      "{a,b}",
      " a ",
      "",
      "日本",
      "a\nb",
      "'",
      "plain",
    ];
    const batch = names.map((model) =>
      toUsageRecord(
        null,
        { ...request, model, requestId: "odd names" },
        { status: 200, outcome: "complete" },
        new Date("2025-05-05T05:05:05Z"),
      ),
    );
    await insertUsage(db, batch);
    const rows = await db.usageRecord.findMany({ where: { requestId: "odd names" }, orderBy: { id: "asc" } });
    expect(rows.map(({ model }) => model)).toEqual(names);
    expect(rows[0]).toMatchObject({
      workerId: null,
      queueWaitMs: null,
      at: new Date("2025-05-05T05:05:05Z"),
    });
  });

  it("is kept while the database is away, and written when it is back", async () => {
    const { db, url } = database;
    const line = await openLine(url);
    const behind = createDatabase(line.url);
    const server = createTestServer(behind, line.url);
    const { key, secret } = await createTestKey(db);
    const caller = await server.callerOf(secret);
    const settle = (requestId: string) =>
      server.accounts.accounting.begin(caller, { ...request, requestId }).settle(done);
    settle("before");
    await server.accounts.flush();
    await line.cut();
    settle("during");
    await server.accounts.flush();
    expect(server.log).toContain("usage cannot be written; it is kept");
    expect(await server.metrics.metrics()).toContain("arena_usage_records_waiting 1");
    // A key in use is still believed.
    expect(await server.callerOf(secret)).toMatchObject({ keyId: key.id });
    await line.mend();
    await server.accounts.close();
    const records = await db.usageRecord.findMany({ where: { caller: key.id }, orderBy: { id: "asc" } });
    expect(records.map(({ requestId }) => requestId)).toEqual(["before", "during"]);
    await closeDatabase(behind);
    await line.cut();
  });

  it("that cannot be written at the stop is said to be lost", async () => {
    const away = createDatabase("postgresql://arena:wrong@127.0.0.1:1/none");
    const server = createTestServer(away, database.url);
    server.accounts.accounting.begin(null, request).settle(done);
    await server.accounts.close();
    expect(server.log.at(-1)).toMatch(/lost/);
    expect(await server.metrics.metrics()).toContain("arena_usage_records_dropped_total 1");
    await closeDatabase(away);
  });
});

describe("GET /api/usage", () => {
  async function site(server: TestServer) {
    const app = fastify();
    app.setErrorHandler(handleApiError);
    await app.register(usageRoutes, {
      db: database.db,
      authenticate: async (request) => ({
        caller: await server.callerOf(String(request.headers.authorization).replace("Bearer ", "")),
      }),
    });
    return app;
  }

  it("shows a key its own usage and nobody else's, as JSON and as CSV", async () => {
    const server = serve();
    const mine = await createTestKey(database.db, { ownerLabel: "=cmd()", name: "+1" });
    const other = await createTestKey(database.db);
    for (const { secret } of [mine, other]) {
      const caller = await server.callerOf(secret);
      server.accounts.accounting.begin(caller, request).settle(done);
    }
    await server.accounts.flush();
    const app = await site(server);
    const headers = { authorization: `Bearer ${mine.secret}` };
    const json = await app.inject({ url: "/api/usage", headers });
    expect(json.json()).toMatchObject({
      object: "list",
      data: [{ model: "demo", endpoint: "chat", requests: 1, prompt_tokens: 10, completion_tokens: 20 }],
    });
    const csv = await app.inject({ url: "/api/usage?format=csv", headers });
    expect(csv.headers["content-type"]).toBe("text/csv; charset=utf-8");
    const [head, line, end] = csv.body.split("\r\n");
    expect(head).toMatch(/^day,owner,key,/);
    expect(line).toContain(`,'=cmd(),${mine.key.prefix},'+1,demo,chat,1,0,10,4,20`);
    expect(end).toBe("");
    await app.close();
  });

  it.each([
    ["?from=yesterday", "from"],
    ["?from=2026-02-01&to=2026-01-01", "from"],
    ["?format=xml", "format"],
  ])("refuses %s and names %s", async (query, param) => {
    const server = serve();
    const { secret } = await createTestKey(database.db);
    const app = await site(server);
    const answer = await app.inject({
      url: `/api/usage${query}`,
      headers: { authorization: `Bearer ${secret}` },
    });
    expect([answer.statusCode, answer.json().error.param]).toEqual([400, param]);
    await app.close();
  });
});
