import { Agent, createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createVisitorCookies, type Sessions } from "@/lib/accounts";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { readServerEnv } from "@/lib/env";
import { changeSettings } from "@/lib/settings";
import { buildSite, type Site } from "./build-site";
import { type AppRoute, routesOf } from "./create-app";
import { hostileBodies, hostileFields, hostileTexts } from "./testing/hostile-inputs";

const secret = "hostile-input-test-secret-0123456789";
const joinToken = "hostile-input-join-token";

let database: TestDatabase;
let site: Site;
let port: number;
let before: string;
const logged: string[] = [];
const agent = new Agent({ keepAlive: true, maxSockets: 8 });

/** Everybody is an administrator here, so that what is sent reaches the handlers behind the door too. */
const admin = {
  id: "01900000-0000-7000-8000-00000000ad31",
  email: "a@b.c",
  name: "A",
  role: "admin",
} as const;
const sessions: Sessions = { find: async () => null, require: async () => admin };

beforeAll(async () => {
  database = await createTestDatabase();
  // Or the limits would answer in the place of what is to be tried.
  const plenty = { battlesPerHour: 1e7, promptsPerHour: 1e7, votesPerHour: 1e7 };
  await changeSettings(database.db, { kind: "cli", label: "tests" }, "limits", { visitor: plenty });
  const env = readServerEnv({
    ...{ DATABASE_URL: database.url, PORT: "0", ARENA_SECRET: secret, ARENA_JOIN_TOKEN: joinToken },
    ...{ ARENA_DRAIN_MS: "0", ARENA_KEYLESS_LOOPBACK: "1" },
  });
  site = await buildSite({
    ...{ env, db: database.db, sessions },
    logger: pino({ level: "trace" }, { write: (line: string) => logged.push(line) }),
    pages: async (_request, response) => void response.end("page"),
  });
  port = Number(new URL(await site.listen()).port);
  before = await contents();
});
afterAll(async () => {
  agent.destroy();
  await site.close();
  await database.drop();
});

/** What may change by being asked at all: counters of use, the key of the day. */
const ownTables = new Set(["limit_uses", "network_keys", "server_samples", "usage_days", "usage_records"]);

/** A digest of every row of every other table. */
async function contents(): Promise<string> {
  const tables = await database.db.$queryRaw<{ name: string }[]>`
    SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`;
  const digests: string[] = [];
  for (const { name } of tables.filter((table) => !ownTables.has(table.name))) {
    const [row] = await database.db.$queryRawUnsafe<{ digest: string | null }[]>(
      `SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) AS digest FROM "${name}" AS t`,
    );
    digests.push(`${name} ${row?.digest}`);
  }
  return digests.join("\n");
}

type Sent = { method: string; path: string; type?: string; body?: Buffer; headers?: Record<string, string> };
type Answer = { status: number; type: string; text: string };

const cookie = createVisitorCookies({ secret, isSecure: false }).create().setCookie.split(";")[0] ?? "";

/** Written as it is: `fetch` would mend the address. */
function send({ method, path, type, body, headers = {} }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        ...{ host: "127.0.0.1", port, method, path, agent },
        headers: {
          ...(type ? { "content-type": type } : {}),
          ...(body === undefined ? {} : { "content-length": String(body.length) }),
          ...{ cookie, ...headers },
        },
      },
      (response) => {
        const head = { status: response.statusCode ?? 0, type: response.headers["content-type"] ?? "" };
        if (head.type.startsWith("text/event-stream")) {
          response.destroy();
          resolve({ ...head, text: "" });
          return;
        }
        const parts: Buffer[] = [];
        response.on("data", (part: Buffer) => parts.push(part));
        response.on("end", () => resolve({ ...head, text: Buffer.concat(parts).toString("utf8") }));
        response.on("error", reject);
      },
    );
    // A body that is refused before its end closes the connection: what was answered counts, else it was no answer.
    sent.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" || error.code === "EPIPE"
        ? resolve({ status: 400, type: "", text: "" })
        : reject(error),
    );
    sent.end(body);
  });
}

/** Routes that take nothing from the request but who sends it: whatever else is sent, they do their work. */
const takesNothing = new Set([
  "DELETE /api/chat/conversations",
  "DELETE /api/history",
  "POST /api/auth/sign-out",
]);

const nobody = "01900000-0000-7000-8000-0000000000ff";
const fill = (url: string, value: string) =>
  url
    .replace(/:\w+/g, encodeURIComponent(value).replaceAll("%25", "%"))
    .replace("*", encodeURIComponent(value));

function expectRefused(route: AppRoute, answer: Answer, sent: string): void {
  const told = `${route.method} ${route.url} with ${sent.slice(0, 80)}: ${answer.status} ${answer.text.slice(0, 200)}`;
  expect(answer.status, told).toBeLessThan(500);
  if (
    route.method !== "GET" &&
    route.method !== "OPTIONS" &&
    !takesNothing.has(`${route.method} ${route.url}`)
  )
    expect(answer.status, told).toBeGreaterThanOrEqual(400);
  // Nothing that was sent comes back as a page.
  expect(answer.type, told).not.toMatch(/text\/html/);
}

/** A few at a time. */
async function inTurn<T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> {
  const left = [...items];
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await act(item);
    }),
  );
}

describe("hostile input", () => {
  it("reaches every route there is", () => {
    const urls = routesOf(site.app).map(({ method, url }) => `${method} ${url}`);
    expect(urls.length).toBeGreaterThan(40);
    for (const one of [
      "POST /api/battles",
      "POST /v1/chat/completions",
      "POST /api/workers",
      "GET /api/exclusions",
    ])
      expect(urls).toContain(one);
  });

  it("in bodies is refused, never a fault of the server, and changes nothing", async () => {
    const routes = routesOf(site.app).filter(({ method }) => method !== "GET" && method !== "OPTIONS");
    const cases = routes.flatMap((route) => hostileBodies.map((sent) => ({ route, sent })));
    await inTurn(cases, async ({ route, sent }) => {
      const path = fill(route.url, nobody);
      const answer = await send({ method: route.method, path, ...sent });
      expectRefused(route, answer, sent.body.subarray(0, 80).toString());
    });
    expect(await contents()).toBe(before);
  }, 300_000);

  it("in addresses, queries, cookies and headers is no fault of the server either", async () => {
    const texts = hostileTexts.filter((text) => text.length < 6_000 && text.isWellFormed());
    const cases = routesOf(site.app).flatMap((route) => texts.map((text) => ({ route, text })));
    await inTurn(cases, async ({ route, text }) => {
      const query = `?board=${encodeURIComponent(text)}&id=${encodeURIComponent(text)}&limit=${encodeURIComponent(text)}`;
      const body = route.method === "GET" ? {} : { type: "application/json", body: Buffer.from("{}") };
      const path = fill(route.url, text) + query.slice(0, 6_000);
      expectRefused(route, await send({ method: route.method, path, ...body }), text);
      const safe = text.replace(/[^\x20-\x7e]/g, "");
      const headers = {
        ...{ cookie: `visitor=${safe.replaceAll(";", "")}`, authorization: `Bearer ${safe}` },
        ...{
          "x-arena-challenge": safe,
          "x-request-id": safe,
          "accept-language": safe,
          "if-none-match": safe,
        },
      };
      const answer = await send({ method: route.method, path: fill(route.url, nobody), ...body, headers });
      expectRefused(route, answer, text);
    });
    expect(await contents()).toBe(before);
  }, 300_000);

  it("in the address itself leads out of no folder", async () => {
    for (const path of [
      "/api/../../etc/passwd",
      "/api/%2e%2e/%2e%2e/etc/passwd",
      "/v1/%00",
      "/api/%c0%ae%c0%ae/x",
      "/api//..//x",
    ]) {
      const answer = await send({ method: "GET", path });
      expect(answer.status, path).toBeGreaterThanOrEqual(400);
      expect(answer.status, path).toBeLessThan(500);
      expect(answer.text).not.toContain("root:");
    }
  });

  it("is never fetched where it names an address, on any route and in any field", async () => {
    const asked: string[] = [];
    const canary = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.end();
    });
    await new Promise<void>((resolve) => canary.listen(0, "127.0.0.1", resolve));
    const address = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/canary`;
    const image = { type: "image_url", image_url: { url: address } };
    const bodies = [
      Object.fromEntries(hostileFields.map((field) => [field, address])),
      { model: "m", messages: [{ role: "user", content: [image, { type: "text", text: address }] }] },
      { model: "m", input: [{ role: "user", content: [{ type: "input_image", image_url: address }] }] },
      { prompt: `![x](${address})`, text: `<img src="${address}">`, idempotencyKey: nobody, model: "m" },
    ].map((body) => Buffer.from(JSON.stringify(body)));
    const routes = routesOf(site.app).filter(({ method }) => method !== "GET" && method !== "OPTIONS");
    const cases = routes.flatMap((route) => bodies.map((body) => ({ route, body })));
    await inTurn(cases, async ({ route, body }) => {
      const headers = { referer: address, "x-forwarded-host": address, forwarded: `host=${address}` };
      const sent = { method: route.method, path: fill(route.url, nobody), type: "application/json", body };
      expectRefused(route, await send({ ...sent, headers }), address);
    });
    canary.close();
    expect(asked).toEqual([]);
  }, 120_000);

  it("is not fetched where it names an address: a worker outside the allowed networks is refused before it is dialled", async () => {
    const body = Buffer.from(JSON.stringify({ url: "http://169.254.169.254/latest/meta-data/" }));
    const answer = await send({
      ...{ method: "POST", path: "/api/workers", type: "application/json", body },
      headers: { authorization: `Bearer ${joinToken}` },
    });
    expect([400, 403]).toContain(answer.status);
  });

  it("does not make the log tell a secret", async () => {
    await send({ method: "GET", path: "/api/history", headers: { authorization: `Bearer ${joinToken}` } });
    const text = logged.join("");
    for (const one of [secret, joinToken, cookie.split("=")[1] ?? "-", database.url])
      expect(text).not.toContain(one);
  });
});
