import fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import type { Database } from "@/lib/db";
import { handleApiError } from "@/lib/http";
import { healthRoutes } from "./health-routes";
import type { StopPhase } from "./stop-phase";

const cleanups: FastifyInstance[] = [];

afterEach(async () => {
  for (const app of cleanups.splice(0)) await app.close();
});

type State = {
  database: boolean;
  hasView?: boolean;
  isStoreReachable?: boolean;
  isFeedUp?: boolean | null;
  clock?: { differenceMs: number; isOff: boolean } | null;
  stopPhase?: StopPhase;
  /** Names of this version's migrations, and of the database's. */
  migrations?: string[];
  applied?: string[];
};

async function routes(state: State, metricsToken?: string): Promise<FastifyInstance> {
  const { database, hasView = true, isStoreReachable = true, isFeedUp = true, clock = null } = state;
  const { stopPhase = "running", migrations, applied = [] } = state;
  const $queryRaw = async () => {
    if (!database) throw new Error("ECONNREFUSED");
    return applied.map((name) => ({ name }));
  };
  const app = fastify();
  app.setErrorHandler(handleApiError);
  cleanups.push(app);
  await app.register(healthRoutes, {
    db: { $queryRaw } as unknown as Database,
    controller: {
      models: () => [],
      hasView: () => hasView,
      isStoreReachable: () => isStoreReachable,
      isFeedUp: () => isFeedUp,
    },
    clock: { difference: () => clock },
    stopPhase: () => stopPhase,
    migrations,
    scrape: async () => "up 1\n",
    contentType: "text/plain; version=0.0.4",
    metricsToken,
  });
  return app;
}

async function ready(state: State) {
  const response = await (await routes(state)).inject("/readyz");
  return { code: response.statusCode, ...response.json<object>() };
}

describe("/readyz", () => {
  it("is 200 with the database, and says how changes are heard of", async () => {
    const unknown = { clock: "unknown", clockDifferenceMs: null };
    const ok = { code: 200, status: "ok", database: true, models: 0, ...unknown };
    expect(await ready({ database: true })).toEqual({ ...ok, registry: "live" });
    expect(await ready({ database: true, isFeedUp: false })).toEqual({ ...ok, registry: "polled" });
    expect(await ready({ database: true, isStoreReachable: false })).toEqual({
      ...ok,
      registry: "last_view",
    });
  });

  it("stays 200 without the database while there is a view to route from, and says so", async () => {
    expect(await ready({ database: false, isStoreReachable: false, isFeedUp: false })).toEqual({
      code: 200,
      status: "degraded",
      database: false,
      registry: "last_view",
      models: 0,
      ...{ clock: "unknown", clockDifferenceMs: null },
    });
  });

  it("says whether the clock is right, and serves on where it is not", async () => {
    const ready200 = { code: 200, status: "ok" };
    expect(await ready({ database: true, clock: { differenceMs: 12.4, isOff: false } })).toMatchObject({
      ...{ ...ready200, clock: "ok", clockDifferenceMs: 12 },
    });
    expect(await ready({ database: true, clock: { differenceMs: -90_000, isOff: true } })).toMatchObject({
      ...{ ...ready200, clock: "off", clockDifferenceMs: -90_000 },
    });
  });

  it("is 503 from the first moment of a stop, whatever else is well", async () => {
    for (const stopPhase of ["announced", "refusing"] as const)
      expect(await ready({ database: true, stopPhase })).toEqual({ code: 503, status: "stopping" });
  });

  it("says how the database's migrations stand to this version's", async () => {
    const migrations = ["1_a", "2_b"];
    const at = (...applied: string[]) => ready({ database: true, migrations, applied });
    expect(await at("1_a", "2_b")).toMatchObject({ code: 200, status: "ok", schema: "current" });
    expect(await at("1_a", "2_b", "3_c")).toMatchObject({ code: 200, status: "ok", schema: "newer" });
    expect(await at("1_a")).toMatchObject({ code: 503, status: "migrations_missing", schema: "older" });
    expect(await ready({ database: false, migrations })).not.toHaveProperty("schema");
  });

  it("is 503 when there has never been a view", async () => {
    expect(await ready({ database: false, hasView: false, isStoreReachable: false })).toMatchObject({
      code: 503,
      status: "database_unavailable",
    });
  });
});

describe("/metrics", () => {
  const token = "token-of-the-scraper";
  type Asked = { remoteAddress?: string; headers?: Record<string, string> };
  async function scraped({ remoteAddress = "127.0.0.1", headers = {} }: Asked, metricsToken?: string) {
    const app = await routes({ database: true }, metricsToken);
    const response = await app.inject({
      ...{ url: "/metrics", remoteAddress },
      headers: { host: "127.0.0.1:3000", ...headers },
    });
    if (response.statusCode !== 200) expect(response.body).not.toContain("up 1");
    return response.statusCode;
  }
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` });

  it("is for programs on this machine alone, not for what a proxy on it hands on", async () => {
    expect(await scraped({})).toBe(200);
    expect(await scraped({ remoteAddress: "::1", headers: { host: "localhost:3000" } })).toBe(200);
    const others: Asked[] = [
      { remoteAddress: "203.0.113.7" },
      { remoteAddress: "10.0.0.7" },
      { headers: { host: "arena.example" } },
      { headers: { "x-forwarded-for": "203.0.113.7" } },
      { headers: { "x-forwarded-for": "127.0.0.1" } },
      { headers: { forwarded: "for=127.0.0.1" } },
      { headers: { via: "1.1 proxy" } },
      { remoteAddress: "203.0.113.7", headers: bearer("undefined") },
      { remoteAddress: "203.0.113.7", headers: bearer("") },
    ];
    for (const asked of others) expect(await scraped(asked), JSON.stringify(asked)).toBe(403);
  });

  it("is for whoever has the operator's token where there is one, and for nobody else", async () => {
    const outside = { remoteAddress: "203.0.113.7", headers: { host: "arena.example" } };
    const withToken = (value: string) => ({ ...outside, headers: { ...outside.headers, ...bearer(value) } });
    expect(await scraped(withToken(token), token)).toBe(200);
    for (const wrong of [`${token}x`, token.slice(1), token.toUpperCase()])
      expect(await scraped(withToken(wrong), token)).toBe(403);
    expect(await scraped(outside, token)).toBe(403);
    expect(await scraped({}, token)).toBe(403);
  });
});
