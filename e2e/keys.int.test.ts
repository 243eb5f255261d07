import OpenAI, { AuthenticationError, NotFoundError, PermissionDeniedError, RateLimitError } from "openai";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { changeKey, createJoinToken, createKey, revokeKey } from "@/lib/accounts";
import { changeModel } from "@/lib/admin";
import { closeDatabase, createDatabase } from "@/lib/db";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import type { Site } from "@/lib/server";
import { startTestSite } from "./fixtures/test-site";
import { startMockWorker, type WorkerProcess } from "./fixtures/worker-process";

/** Keys, budgets and usage as a client meets them, at two servers that share a database. */

let database: TestDatabase;
let sites: { site: Site; url: string; stop: () => Promise<void> }[];
let workers: WorkerProcess[];

async function startSite(changes: Record<string, string> = {}) {
  // As in processes of their own: no connection is shared.
  const db = createDatabase(database.url, { maxConnections: 4 });
  const { site, url } = await startTestSite({ url: database.url, db }, changes);
  const stop = async (): Promise<void> => {
    await site.close();
    await closeDatabase(db);
  };
  return { site, url, stop };
}

beforeAll(async () => {
  database = await createTestDatabase();
  // Its workers join with a token of the database; no other counts.
  const withoutShared = { ARENA_JOIN_TOKEN: "off" };
  sites = [await startSite(withoutShared), await startSite(withoutShared)];
  const { secret } = await createJoinToken(database.db, { name: "box", models: ["lab-*"], pool: "lab" });
  const at = { controllerUrl: sites[0]?.url ?? "", joinToken: secret };
  workers = await Promise.all(["lab-one", "lab-two"].map((name) => startMockWorker({ name, ...at })));
  for (const { url } of sites) {
    await vi.waitFor(async () => expect((await client(url).models.list()).data).toHaveLength(2), {
      timeout: 20_000,
      interval: 50,
    });
  }
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  for (const { stop } of sites) await stop();
  await database.drop();
});

const client = (url: string, apiKey = "none-needed-on-this-machine") =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 });

/** The same key at both servers. */
const clients = (apiKey: string) => sites.map(({ url }) => client(url, apiKey)) as [OpenAI, OpenAI];

const make = (settings: Partial<Parameters<typeof createKey>[1]> = {}) =>
  createKey(database.db, { name: "test", ownerLabel: "lab", ...settings });

const ask = (api: OpenAI, model = "lab-one") =>
  api.chat.completions.create({ model, messages: [{ role: "user", content: "Hello" }], max_tokens: 16 });

describe("a key", () => {
  it("opens both servers, and neither any more once it is revoked", async () => {
    const { key, secret } = await make();
    for (const api of clients(secret)) expect((await ask(api)).choices).toHaveLength(1);
    await revokeKey(database.db, key.id);
    for (const api of clients(secret)) {
      await vi.waitFor(() => expect(ask(api)).rejects.toBeInstanceOf(AuthenticationError), {
        timeout: 3_000,
        interval: 20,
      });
    }
  });

  it("shows and serves only what its scopes name", async () => {
    const { key, secret } = await make({ models: ["*-one"], endpoints: ["chat", "models"] });
    const [api] = clients(secret);
    expect((await api.models.list()).data.map(({ id }) => id)).toEqual(["lab-one"]);
    await expect(api.models.retrieve("lab-two")).rejects.toBeInstanceOf(NotFoundError);
    await expect(ask(api, "lab-two")).rejects.toMatchObject({ status: 404, code: "model_not_found" });
    const embedding = api.embeddings.create({ model: "lab-one", input: "x" });
    await expect(embedding).rejects.toBeInstanceOf(PermissionDeniedError);
    await expect(embedding).rejects.toMatchObject({ code: "permission_denied", type: "permission_error" });

    await changeKey(database.db, key.id, { endpoints: ["models"], models: [] });
    await vi.waitFor(() => expect(ask(api)).rejects.toBeInstanceOf(PermissionDeniedError), {
      timeout: 3_000,
      interval: 20,
    });
  });

  it("stays in the pools to which it is pinned", async () => {
    const [inside, outside] = [await make({ pools: ["lab"] }), await make({ pools: ["elsewhere"] })];
    const [api] = clients(inside.secret);
    expect((await ask(api)).choices).toHaveLength(1);
    expect((await api.models.list()).data.map(({ id }) => id)).toEqual(["lab-one", "lab-two"]);
    const [stranger] = clients(outside.secret);
    expect((await stranger.models.list()).data).toEqual([]);
    await expect(stranger.models.retrieve("lab-one")).rejects.toBeInstanceOf(NotFoundError);
    await expect(ask(stranger)).rejects.toMatchObject({ status: 404, code: "model_not_found" });
  });

  it("may be let at experimental models", async () => {
    const [plain, special] = [await make(), await make({ allowExperimental: true })];
    await changeModel(database.db, { kind: "cli", label: "tests" }, "lab-two", { stage: "experimental" });
    const [api] = clients(plain.secret);
    await vi.waitFor(() => expect(ask(api, "lab-two")).rejects.toBeInstanceOf(NotFoundError), {
      timeout: 5_000,
      interval: 20,
    });
    const [insider] = clients(special.secret);
    expect((await insider.models.list()).data.map(({ id }) => id)).toContain("lab-two");
    expect((await ask(insider, "lab-two")).choices).toHaveLength(1);
    await changeModel(database.db, { kind: "cli", label: "tests" }, "lab-two", { stage: "public" });
  });

  it("is held to its budget by both servers together, and told where it stands", async () => {
    const { secret } = await make({ requestsPerDay: 3, tokensPerDay: 100_000 });
    const [one, two] = clients(secret);
    const first = await one.chat.completions
      .create({ model: "lab-one", messages: [{ role: "user", content: "Hello" }], max_tokens: 16 })
      .withResponse();
    expect(Object.fromEntries(first.response.headers)).toMatchObject({
      "x-ratelimit-limit-requests": "3",
      "x-ratelimit-remaining-requests": "2",
      "x-ratelimit-limit-tokens": "100000",
      "x-ratelimit-reset-requests": expect.stringMatching(/^(\d+h)?\d+m\d+s$/),
    });
    await ask(one);
    // The other server reads the counts with the key; both exchange at once, because little is left.
    await ask(two);
    for (const api of [one, two]) {
      await vi.waitFor(() => expect(ask(api)).rejects.toBeInstanceOf(RateLimitError), {
        timeout: 3_000,
        interval: 50,
      });
    }
    const refused = await fetch(`${sites[1]?.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${secret}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "lab-one", messages: [{ role: "user", content: "Hello" }] }),
    });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(refused.headers.get("x-ratelimit-remaining-requests")).toBe("0");
    expect(refused.headers.get("x-ratelimit-limit-name")).toBe("requestsPerDay");
    expect(await refused.json()).toMatchObject({
      error: {
        ...{ code: "rate_limit_exceeded", type: "requests", limit: "requestsPerDay" },
        message: expect.stringContaining("requests per day"),
      },
    });
  });

  it("shows its owner what it has used, streams included", async () => {
    const { key, secret } = await make();
    const [one, two] = clients(secret);
    const whole = await ask(one);
    const stream = await two.chat.completions.create({
      model: "lab-two",
      messages: [{ role: "user", content: "Hello" }],
      max_tokens: 16,
      stream: true,
    });
    for await (const chunk of stream) expect(chunk.object).toBe("chat.completion.chunk");
    await expect(ask(one, "no-such-model")).rejects.toBeInstanceOf(NotFoundError);

    const usage = async (format: string) =>
      (
        await fetch(`${sites[0]?.url}/api/usage?format=${format}`, {
          headers: { authorization: `Bearer ${secret}` },
        })
      ).text();
    await vi.waitFor(async () => expect(JSON.parse(await usage("json")).data).toHaveLength(3), {
      timeout: 5_000,
      interval: 100,
    });
    const { data } = JSON.parse(await usage("json"));
    expect(data).toMatchObject([
      { model: "(unknown)", requests: 1, errors: 1, completion_tokens: 0 },
      { model: "lab-one", requests: 1, errors: 0, prompt_tokens: whole.usage?.prompt_tokens },
      { model: "lab-two", requests: 1, errors: 0, completion_tokens: expect.any(Number) },
    ]);
    expect(data[2].completion_tokens).toBeGreaterThan(0);
    expect((await usage("csv")).split("\r\n")[0]).toMatch(/^day,.*,completion_tokens$/);
    const record = await database.db.usageRecord.findFirstOrThrow({
      where: { caller: key.id, model: "lab-two" },
    });
    expect(record).toMatchObject({ endpoint: "chat", status: 200, outcome: "complete" });
    for (const value of [record.workerId, record.firstByteMs, record.totalMs, record.queueWaitMs]) {
      expect(value).not.toBeNull();
    }
  });
});

describe("without a key", () => {
  const listed = async (url: string) => (await fetch(`${url}/v1/models`)).status;

  it("a program on this machine is served until the first key is made, at every server and after a restart", async () => {
    const fresh = await createTestDatabase();
    const settings = { ARENA_HEARTBEAT_MS: "500" };
    const first = await Promise.all([startTestSite(fresh, settings), startTestSite(fresh, settings)]);
    for (const { url } of first) expect(await listed(url)).toBe(200);
    const { key } = await createKey(fresh.db, { name: "first", ownerLabel: "lab" });
    for (const { url } of first) {
      await vi.waitFor(async () => expect(await listed(url)).toBe(401), { timeout: 3_000, interval: 20 });
    }
    // A key that was given out and taken back does not bring the first run back.
    await revokeKey(fresh.db, key.id);
    const again = await startTestSite(fresh, settings);
    expect(await listed(again.url)).toBe(401);
    const allowed = await startTestSite(fresh, { ARENA_KEYLESS_LOOPBACK: "1" });
    expect(await listed(allowed.url)).toBe(200);
    for (const { site } of [...first, again, allowed]) await site.close();
    await fresh.drop();
  });

  it("nobody is served where a proxy stands before the site, or the site says so", async () => {
    const fresh = await createTestDatabase();
    const changes: Record<string, string>[] = [
      { TRUST_PROXY: "1" },
      { TRUST_PROXY: "10.0.0.0/8" },
      { ARENA_KEYLESS_LOOPBACK: "0" },
    ];
    for (const change of changes) {
      const { site, url } = await startTestSite(fresh, change);
      expect(await listed(url)).toBe(401);
      await site.close();
    }
    await fresh.drop();
  });
});

it("a server that stops has written the usage of its last request", async () => {
  const { key, secret } = await make();
  const { url, stop } = await startSite();
  const api = client(url, secret);
  await vi.waitFor(() => ask(api), { timeout: 5_000, interval: 50 });
  await stop();
  expect(await database.db.usageRecord.count({ where: { caller: key.id, status: 200 } })).toBe(1);
});
