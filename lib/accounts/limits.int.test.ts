import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { AppError } from "@/lib/errors";
import type { ApiCaller, Ticket } from "./accounting-types";
import { createTestKey, createTestServer, type TestServer } from "./test-support";

let database: TestDatabase;
const servers: TestServer[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
afterEach(async () => {
  for (const { accounts } of servers.splice(0)) await accounts.close();
});

/** Not started: nothing is exchanged but when the test says so. */
function serve(tokenLimitOf?: Parameters<typeof createTestServer>[2]): TestServer {
  const server = createTestServer(database.db, database.url, tokenLimitOf);
  servers.push(server);
  return server;
}

const request = { model: "demo", endpoint: "chat", estimatedTokens: 100, requestId: "r" } as const;
const done = { status: 200, outcome: "complete", promptTokens: 10, completionTokens: 20 };

const begin = (server: TestServer, caller: ApiCaller, estimatedTokens = 100): Ticket =>
  server.accounts.accounting.begin(caller, { ...request, estimatedTokens });

function refusalOf(act: () => unknown): AppError {
  try {
    act();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error("It was admitted.");
}

describe("budgets that two servers share", () => {
  it("count requests of both, and say which limit and when to come back", async () => {
    const { secret } = await createTestKey(database.db, { requestsPerDay: 3 });
    const [one, two] = [serve(), serve()];
    const caller = await one.callerOf(secret);
    await two.callerOf(secret);
    begin(one, caller).settle(done);
    begin(two, caller).settle(done);
    await one.accounts.flush();
    await two.accounts.flush();
    const third = begin(two, caller);
    expect(third.headers).toMatchObject({
      "x-ratelimit-limit-requests": "3",
      "x-ratelimit-remaining-requests": "0",
    });
    await two.accounts.flush();
    await one.accounts.flush();
    const refusal = refusalOf(() => begin(one, caller));
    expect(refusal).toMatchObject({ code: "rate_limited", status: 429 });
    expect(refusal.message).toContain("3 requests per day");
    expect(refusal.details).toMatchObject({
      limit: "requestsPerDay",
      rateLimitHeaders: { "x-ratelimit-remaining-requests": "0" },
    });
    expect(refusal.details["retryAfterSeconds"]).toBeGreaterThan(0);
    expect(refusal.details["retryAfterSeconds"]).toBeLessThanOrEqual(86_400);
  });

  it("tell each other without being told to, when little is left", async () => {
    const { secret } = await createTestKey(database.db, { requestsPerDay: 2 });
    const [one, two] = [serve(), serve()];
    const caller = await one.callerOf(secret);
    begin(one, caller);
    begin(one, caller);
    // The urgent exchange was begun by the requests themselves; this one comes after it.
    await one.accounts.flush();
    // The second server has never seen the key: it reads the counts with it.
    expect(refusalOf(() => begin(one, caller)).code).toBe("rate_limited");
    const there = await two.callerOf(secret);
    expect(refusalOf(() => begin(two, there)).code).toBe("rate_limited");
  });

  it("settle tokens by what was used, on both", async () => {
    const { secret } = await createTestKey(database.db, { tokensPerDay: 1_000 });
    const [one, two] = [serve(), serve()];
    const caller = await one.callerOf(secret);
    await two.callerOf(secret);
    const ticket = begin(one, caller, 900);
    await one.accounts.flush();
    await two.accounts.flush();
    begin(two, caller, 90).settle({ status: 502, outcome: "upstream_failed" });
    await two.accounts.flush();
    expect(refusalOf(() => begin(two, caller, 200)).details["limit"]).toBe("tokensPerDay");
    ticket.settle(done);
    ticket.settle(done);
    await one.accounts.flush();
    await two.accounts.flush();
    expect(begin(two, caller, 900).headers["x-ratelimit-remaining-tokens"]).toBe("70");
  });

  it("hold the requests at a time on both together", async () => {
    const { secret } = await createTestKey(database.db, { maxConcurrent: 2 });
    const [one, two] = [serve(), serve()];
    const caller = await one.callerOf(secret);
    await two.callerOf(secret);
    const tickets = [begin(one, caller), begin(one, caller)];
    await one.accounts.flush();
    // It learns of the others with its own first request.
    const extra = begin(two, caller);
    await two.accounts.flush();
    extra.settle(done);
    expect(refusalOf(() => begin(two, caller)).details["limit"]).toBe("maxConcurrent");
    for (const ticket of tickets) ticket.settle(done);
    await one.accounts.flush();
    await two.accounts.flush();
    begin(two, caller);
  });

  it("survive the server that counted them", async () => {
    const { secret } = await createTestKey(database.db, { requestsPerMinute: 1 });
    const one = serve();
    const caller = await one.callerOf(secret);
    begin(one, caller).settle(done);
    await one.accounts.close();
    const two = serve();
    const there = await two.callerOf(secret);
    expect(refusalOf(() => begin(two, there)).details["limit"]).toBe("requestsPerMinute");
  });

  it("cost callers without limits nothing", async () => {
    const { secret } = await createTestKey(database.db);
    const one = serve();
    const caller = await one.callerOf(secret);
    for (let count = 0; count < 100; count++) expect(begin(one, caller).headers).toEqual({});
    await one.accounts.flush();
    expect(await database.db.apiKeyCounter.count({ where: { keyId: caller.keyId ?? "" } })).toBe(0);
    expect(one.accounts.accounting.begin(null, request).headers).toEqual({});
  });
});

describe("scopes", () => {
  it("refuse endpoints with 403 and models with 404, as OpenAI does", async () => {
    const settings = { models: ["demo-*"], endpoints: ["chat" as const] };
    const { secret } = await createTestKey(database.db, settings);
    const one = serve();
    const caller = await one.callerOf(secret);
    const { accounting } = one.accounts;
    const embed = refusalOf(() => accounting.begin(caller, { ...request, endpoint: "embeddings" }));
    expect(embed).toMatchObject({ code: "permission_denied", status: 403 });
    const other = refusalOf(() => accounting.begin(caller, { ...request, model: "gpt" }));
    expect(other).toMatchObject({ code: "model_not_found", status: 404, param: "model" });
    accounting.begin(caller, { ...request, model: "demo-13m" });
  });

  it("hide experimental models from whoever may not use them", async () => {
    const { secret } = await createTestKey(database.db, { allowExperimental: true });
    const one = serve();
    const { accounting } = one.accounts;
    const experimental = { ...request, stage: "experimental" } as const;
    expect(refusalOf(() => accounting.begin(null, experimental)).code).toBe("model_not_found");
    const caller = await one.callerOf(secret);
    accounting.begin(caller, experimental);
    const retired = { ...request, stage: "retired" } as const;
    expect(refusalOf(() => accounting.begin(caller, retired)).code).toBe("model_not_found");
  });
});

describe("a model's tokens a minute", () => {
  const limited = (model: string) =>
    model === "demo" ? { modelId: "019a0000-0000-7000-8000-00000000d0de", tokensPerMinute: 250 } : null;

  it("are counted over all callers and both servers, and refused with their name and a time", async () => {
    const [one, two] = [serve(limited), serve(limited)];
    const [first, second] = await Promise.all(
      [one, two].map(async (server) => server.callerOf((await createTestKey(database.db)).secret)),
    );
    if (first === undefined || second === undefined) throw new Error("two callers were made");
    begin(one, first).settle({ status: 200, outcome: "complete", promptTokens: 100, completionTokens: 60 });
    await one.accounts.flush();
    // What the other server has let through is known here once this one has asked.
    begin(two, second, 1).settle({ status: 200, outcome: "complete", promptTokens: 1 });
    await two.accounts.flush();
    const refusal = refusalOf(() => begin(two, second, 100));
    expect(refusal).toMatchObject({ code: "rate_limited", status: 429 });
    expect(refusal.message).toContain("model `demo`, over all its callers: 250 tokens per minute");
    expect(refusal.details).toMatchObject({
      limit: "modelTokensPerMinute",
      retryAfterSeconds: expect.any(Number),
    });
    expect(await two.metrics.metrics()).toContain(
      'arena_api_limit_refusals_total{limit="modelTokensPerMinute"} 1',
    );
    // Keyless callers count as well, another model does not.
    expect(refusalOf(() => two.accounts.accounting.begin(null, request)).code).toBe("rate_limited");
    two.accounts.accounting.begin(second, { ...request, model: "other" }).settle(done);
  });

  it("are one limit with what visitors' answers use", async () => {
    const server = serve((model) =>
      model === "demo" ? { modelId: "019a0000-0000-7000-8000-00000000d0e0", tokensPerMinute: 250 } : null,
    );
    const { modelTokens, accounting } = server.accounts;
    expect(modelTokens.reserve({ model: "other", estimatedTokens: 1_000 })).toBeNull();
    const settle = modelTokens.reserve({ model: "demo", estimatedTokens: 200 });
    expect(refusalOf(() => accounting.begin(null, request)).code).toBe("rate_limited");
    settle?.(10);
    accounting.begin(null, request).settle({ status: 200, outcome: "complete", promptTokens: 230 });
    const refusal = refusalOf(() => modelTokens.reserve({ model: "demo", estimatedTokens: 20 }));
    expect(refusal).toMatchObject({ code: "rate_limited", details: { limit: "modelTokensPerMinute" } });
  });

  it("are not taken by a request that its own key may not make", async () => {
    const server = serve((model) =>
      model === "demo" ? { modelId: "019a0000-0000-7000-8000-00000000d0df", tokensPerMinute: 250 } : null,
    );
    const { secret } = await createTestKey(database.db, { tokensPerMinute: 50 });
    const caller = await server.callerOf(secret);
    for (let attempt = 0; attempt < 5; attempt += 1) {
      expect(refusalOf(() => begin(server, caller)).details["limit"]).toBe("tokensPerMinute");
    }
    server.accounts.accounting.begin(null, { ...request, estimatedTokens: 250 }).settle(done);
  });
});
