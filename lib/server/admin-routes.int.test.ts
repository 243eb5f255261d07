import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasRole, type Role, roles, type Sessions, type SessionUser } from "@/lib/accounts";
import { type AdminDeps, adminRoutes, SpeedHistory } from "@/lib/admin";
import { listAudit } from "@/lib/audit";
import { createTestController } from "@/lib/controller/test-support";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { AppError } from "@/lib/errors";
import { createLeaderboard, type LeaderboardService } from "@/lib/leaderboard";
import { defaultSettings } from "@/lib/settings";
import { createApp } from "./create-app";

let database: TestDatabase;
let app: FastifyInstance;
let leaderboard: LeaderboardService;
const routes: { method: string; url: string }[] = [];
const controller = createTestController();

/** Signed in is who says so: what is tested here is that every handler asks, and for which role. */
const sessions: Sessions = {
  async find(cookie) {
    const role = roles.find((name) => cookie === `role=${name}`);
    return role === undefined ? null : userOf(role);
  },
  async require(cookie, role) {
    const user = await this.find(cookie);
    if (user === null) throw new AppError("sign_in_required");
    if (!hasRole(user, role)) throw new AppError("forbidden");
    return user;
  },
};
const userOf = (role: Role): SessionUser => ({ id: role, email: `${role}@arena.example`, name: role, role });

beforeAll(async () => {
  database = await createTestDatabase();
  leaderboard = createLeaderboard({
    ...{ db: database.db, databaseUrl: database.url, styleRefreshMs: 60_000, secret: "tests" },
    logger: pino({ level: "silent" }),
  });
  const admin: AdminDeps = {
    ...{ leaderboard, selfDuelRate: 0, settings: { current: defaultSettings }, publicUrl: null },
    ...{ db: database.db, sessions, controller, heartbeatMs: 10_000 },
    speeds: new SpeedHistory(() => controller.workers()),
    // That releases are made is tested beside it.
    releases: { requireFree: async () => undefined, begin: () => undefined },
    clock: { databaseNow: () => new Date() },
  };
  app = createApp({
    logger: pino({ level: "silent" }),
    pages: async (_request, response) => void response.end(),
  });
  app.addHook("onRoute", ({ method, url }) => {
    for (const one of [method].flat()) if (one !== "HEAD") routes.push({ method: one, url });
  });
  await app.register(adminRoutes, { admin });
  await app.ready();
});
afterAll(async () => {
  await app.close();
  await controller.close();
  await leaderboard.close();
  await database.drop();
});

const methodOf = (method: string) => method as "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

async function call(method: string, url: string, role: Role | null, body?: object, headers = {}) {
  const filled = url.replace(/:\w+/g, randomUUID());
  const response = await app.inject({
    method: methodOf(method),
    url: filled,
    headers: { ...(role === null ? {} : { cookie: `role=${role}` }), ...headers },
    ...(body === undefined ? {} : { payload: body }),
  });
  return { status: response.statusCode, code: response.json<{ error?: { code: string } }>().error?.code };
}

/** What a moderator may do; everything else is the administrators'. */
const isModeration = (url: string) => url.startsWith("/api/admin/moderation");

describe("/api/admin", () => {
  it("asks everybody on every route who they are, before it looks at what they send", async () => {
    expect(routes.length).toBeGreaterThan(15);
    for (const { method, url } of routes) {
      expect([url, await call(method, url, null, method === "GET" ? undefined : {})]).toEqual([
        url,
        { status: 401, code: "sign_in_required" },
      ]);
      for (const role of roles) {
        const isEnough = role === "admin" || (role === "moderator" && isModeration(url));
        if (isEnough) continue;
        expect([url, role, await call(method, url, role, method === "GET" ? undefined : {})]).toEqual([
          url,
          role,
          { status: 403, code: "forbidden" },
        ]);
      }
    }
    expect(await listAudit(database.db)).toEqual([]);
  });

  it("takes no request that another site made a browser send", async () => {
    for (const { method, url } of routes.filter((route) => route.method !== "GET")) {
      const headers = { "sec-fetch-site": "cross-site" };
      expect(await call(method, url, "admin", {}, headers)).toEqual({ status: 403, code: "forbidden" });
    }
  });

  it("answers what is not there or not valid with 4xx, and writes no line for it", async () => {
    for (const { method, url } of routes) {
      if (method === "GET" && !url.includes(":")) continue;
      const body = method === "GET" ? undefined : { nonsense: "\u0000" };
      const { status } = await call(method, url, "admin", body);
      expect([method, url, status >= 400 && status < 500]).toEqual([method, url, true]);
    }
    expect(await listAudit(database.db)).toEqual([]);
  });

  it("leaves one line in the audit log for each deed, with who did it", async () => {
    const send = async (method: string, url: string, payload: object) => {
      const response = await app.inject({
        ...{ method: methodOf(method), url, payload },
        headers: { cookie: "role=admin" },
      });
      expect([url, response.statusCode < 300]).toEqual([url, true]);
      return response.body === "" ? null : response.json();
    };
    await send("POST", "/api/admin/models", { name: "plover", displayName: "Plover" });
    await send("PATCH", "/api/admin/models/plover", { stage: "retired" });
    await send("POST", "/api/admin/models/plover/rename", { name: "dotterel" });
    const made = await send("POST", "/api/admin/keys", { name: "lab", ownerLabel: "Lab" });
    const { prefix } = made.key as { prefix: string };
    expect(made.secret).toContain(prefix);
    await send("PATCH", `/api/admin/keys/${prefix}`, { requestsPerDay: 5 });
    const rotated = await send("POST", `/api/admin/keys/${prefix}/rotate`, { overlapHours: 24 });
    expect(rotated.key).toMatchObject({ ownerLabel: "Lab", requestsPerDay: 5, expiresAt: null });
    await send("DELETE", `/api/admin/keys/${prefix}`, {});
    const token = await send("POST", "/api/admin/join-tokens", { name: "box" });
    const { prefix: tokenPrefix } = token.token as { prefix: string };
    const next = await send("POST", `/api/admin/join-tokens/${tokenPrefix}/rotate`, { overlapHours: 24 });
    expect(next.token).toMatchObject({ name: "box", expiresAt: null });
    await send("POST", `/api/admin/join-tokens/${tokenPrefix}/revoke`, {});
    const job = await send("POST", "/api/admin/releases", { release: "2026-01" });
    expect(job).toMatchObject({ state: "running", startedBy: "admin@arena.example", done: 0 });
    await send("POST", `/api/admin/releases/${job.id}/cancel`, {});
    await send("PUT", "/api/admin/sampling", { policy: { floor: 0.3 } });
    await send("PUT", "/api/admin/settings/pacing", { charsPerSecond: 100 });
    await send("POST", "/api/admin/settings/pacing/revert", { id: null });
    const lines = await listAudit(database.db);
    expect(lines.map(({ action }) => action).reverse()).toEqual([
      "model.add",
      "model.change",
      "model.rename",
      "key.create",
      "key.change",
      "key.rotate",
      "key.revoke",
      "join_token.create",
      "join_token.rotate",
      "join_token.revoke",
      "release.cancel",
      "sampling.change",
      "settings.change",
      "settings.change",
    ]);
    expect(new Set(lines.map(({ actorLabel }) => actorLabel))).toEqual(new Set(["admin@arena.example"]));
    // What was shown once is nowhere in the log.
    for (const secret of [made.secret, rotated.secret, token.secret, next.secret]) {
      expect(JSON.stringify(lines)).not.toContain(secret);
    }
    const list = await app.inject({
      url: "/api/admin/audit?action=key.&actor=admin",
      headers: { cookie: "role=admin" },
    });
    expect(list.json()).toMatchObject({ lines: { length: 4 }, next: null });
  });
});
