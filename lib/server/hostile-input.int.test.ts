import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AppRoute, routesOf } from "./create-app";
import { fillWith, realAddress, realAddresses } from "./testing/hostile-addresses";
import { hostileBodies, hostileFields, hostileTexts } from "./testing/hostile-inputs";
import {
  type Answer,
  type HostileSite,
  joinToken,
  password,
  secret,
  startHostileSite,
} from "./testing/hostile-site";
import { changesBetween, readContents, type TableContents } from "./testing/table-contents";

let rig: HostileSite;
let before: TableContents;
let known: ReturnType<typeof realAddresses>;

beforeAll(async () => {
  rig = await startHostileSite();
  known = realAddresses(rig);
  before = await readContents(rig.db);
});
afterAll(() => rig.close());

const changes = async () => changesBetween(before, await readContents(rig.db));
const routes = () => routesOf(rig.site.app);
const mutating = () => routes().filter(({ method }) => method !== "GET" && method !== "OPTIONS");
const nameOf = ({ method, url }: AppRoute) => `${method} ${url}`;

/** Routes that take nothing from the request but who sends it: whatever else is sent, they do their work. */
const takesNothing = new Set([
  "DELETE /api/chat/conversations",
  "DELETE /api/history",
  "POST /api/auth/sign-out",
]);

/**
 * Routes to whose work the address is enough, or an empty body. With the address of something that is there they do it for
 * whoever may, so those are asked by others only, who must not get anywhere.
 */
const actsByAddress = new Set([
  ...["DELETE /api/history/:id", "DELETE /api/shares/:token", "POST /api/battles/:id/swap"],
  ...["POST /api/battles/:id/stop", "DELETE /api/chat/conversations/:id"],
  ...["POST /api/chat/conversations/:id/restore", "POST /api/chat/conversations/:id/stop"],
  ...["DELETE /api/account/sessions", "DELETE /api/account/sessions/:id", "DELETE /api/account/keys/:id"],
  ...["DELETE /api/account/providers/:id", "DELETE /api/admin/keys/:prefix"],
  ...["POST /api/admin/people/:id/end-sessions", "POST /api/admin/people/:id/reset-link"],
  ...["POST /api/admin/moderation/visitors/:id/enable", "POST /api/admin/join-tokens/:prefix/revoke"],
]);

/** The cookie of somebody who may use a route. */
function ofWhoMay({ url }: AppRoute): string {
  if (url.startsWith("/api/admin/moderation")) return rig.person("moderator").cookie;
  if (url.startsWith("/api/admin")) return rig.person("admin").cookie;
  return url.startsWith("/api/account") ? rig.person("researcher").cookie : rig.visitor;
}

/** Everybody who may not. What belongs to a visitor belongs to no moderator either. */
function othersThan({ url }: AppRoute): [string, string][] {
  const people: [string, string][] = [
    ["nobody", ""],
    ["a stranger", rig.stranger],
    ["a researcher", rig.person("researcher").cookie],
    ["a moderator", rig.person("moderator").cookie],
  ];
  return url.startsWith("/api/admin/moderation") ? people.slice(0, 3) : people;
}

function expectRefused(route: AppRoute, answer: Answer, sent: string): void {
  const told = `${nameOf(route)} with ${sent.slice(0, 80)}: ${answer.status} ${answer.text.slice(0, 200)}`;
  expect(answer.status, told).toBeLessThan(500);
  if (route.method !== "GET" && route.method !== "OPTIONS" && !takesNothing.has(nameOf(route)))
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

const nobody = "01900000-0000-7000-8000-0000000000ff";
const json = (body: object) => ({ type: "application/json", body: Buffer.from(JSON.stringify(body)) });
const address = ({ url }: AppRoute) => realAddress(url, known) ?? "";
const hostile = (url: string, text: string) =>
  fillWith(url.replace("*", encodeURIComponent(text)), Array<string>(4).fill(text))?.replaceAll("%25", "%") ??
  "";

/** What the owner of a battle or chat could send, so that others get as far as the question whose it is. */
function validBodies(): ReadonlyMap<string, object> {
  const { messageId, battleId } = rig.seeded;
  const key = () => ({ idempotencyKey: randomUUID() });
  return new Map<string, object>([
    ["POST /api/battles/:id/vote", { outcome: "b", ...key() }],
    ["POST /api/battles/:id/turns", { prompt: "Again", ...key() }],
    ["POST /api/battles/:id/regenerate", key()],
    ["POST /api/battles/:id/retry", { side: "a" }],
    ["POST /api/battles/:id/reasons", { reasons: [], comment: "" }],
    ["POST /api/battles/:id/publication", { isGiven: false }],
    ["PATCH /api/chat/conversations/:id", { title: "Mine" }],
    ["POST /api/chat/conversations/:id/select", { messageId }],
    ["POST /api/chat/conversations/:id/feedback", { messageId, feedback: "up" }],
    ["POST /api/shares", { battleId }],
    ["POST /api/flags", { subject: { kind: "battle", battleId, side: "a" }, reason: "hate" }],
  ]);
}

describe("the site that is attacked", () => {
  it("has something to lose in every table", () => {
    const empty = [...before].filter(([, rows]) => rows.length === 0).map(([name]) => name);
    // Votes that wait to be looked at; a board that nobody has read yet.
    expect(empty).toEqual(["rating_snapshots", "vote_chain_queue", "vote_check_queue"]);
  });

  it("would be seen to lose it", async () => {
    await rig.db.$executeRaw`UPDATE battles SET propensity = propensity / 2`;
    await rig.db
      .$executeRaw`UPDATE visitors SET disabled_at = now() WHERE id = ${rig.seeded.visitorId}::uuid`;
    expect(await changes()).toEqual([
      "battles: 3 rows gone, 3 rows new",
      "visitors: 1 rows gone, 1 rows new",
    ]);
    await rig.db.$executeRaw`UPDATE battles SET propensity = propensity * 2`;
    await rig.db.$executeRaw`UPDATE visitors SET disabled_at = NULL`;
    expect(await changes()).toEqual([]);
  });

  it("is asked on every route, by the name of something that is there", () => {
    expect(routes().length).toBeGreaterThan(40);
    expect(routes().filter(({ url }) => realAddress(url, known) === null)).toEqual([]);
    const names = routes().map(nameOf);
    for (const one of ["POST /api/battles", "POST /v1/chat/completions", "POST /api/workers"])
      expect(names).toContain(one);
    expect([...actsByAddress, ...takesNothing].filter((name) => !names.includes(name))).toEqual([]);
  });

  it("knows who asks", async () => {
    const status = async (path: string, cookie: string) =>
      (await rig.send({ method: "GET", path, headers: { cookie } })).status;
    const [moderator, admin] = [rig.person("moderator").cookie, rig.person("admin").cookie];
    expect(await status("/api/admin/votes", admin)).toBe(200);
    expect(await status("/api/admin/votes", moderator)).toBe(403);
    expect(await status("/api/admin/moderation", moderator)).toBe(200);
    expect(await status("/api/admin/moderation", rig.person("researcher").cookie)).toBe(403);
    expect(await status("/api/account", rig.person("researcher").cookie)).toBe(200);
    for (const path of [
      `/api/battles/${rig.seeded.battleId}`,
      `/api/chat/conversations/${rig.seeded.conversationId}`,
      `/api/attachments/${rig.seeded.attachmentId}`,
    ])
      expect([path, await status(path, rig.visitor), await status(path, rig.stranger)]).toEqual([
        path,
        200,
        404,
      ]);
  });
});

describe("hostile input", () => {
  it("in bodies is refused of those who may too, never a fault of the server, and changes nothing", async () => {
    const cases = mutating().flatMap((route) => hostileBodies.map((sent) => ({ route, sent })));
    await inTurn(cases, async ({ route, sent }) => {
      const cookie = actsByAddress.has(nameOf(route)) ? rig.stranger : ofWhoMay(route);
      const answer = await rig.send({
        ...{ method: route.method, path: address(route), ...sent },
        headers: { cookie: takesNothing.has(nameOf(route)) ? rig.stranger : cookie },
      });
      expectRefused(route, answer, sent.body.subarray(0, 80).toString());
    });
    expect(await changes()).toEqual([]);
  }, 300_000);

  it("in addresses, queries, cookies and headers is no fault of the server either", async () => {
    const texts = hostileTexts.filter((text) => text.length < 6_000 && text.isWellFormed());
    const cases = routes().flatMap((route) => texts.map((text) => ({ route, text })));
    await inTurn(cases, async ({ route, text }) => {
      const query = `?board=${encodeURIComponent(text)}&id=${encodeURIComponent(text)}&limit=${encodeURIComponent(text)}`;
      const body = route.method === "GET" ? {} : json({});
      const isForAnybody =
        takesNothing.has(nameOf(route)) || nameOf(route) === "DELETE /api/account/sessions";
      const cookie = isForAnybody ? rig.stranger : ofWhoMay(route);
      const path = hostile(route.url, text) + query.slice(0, 6_000);
      expectRefused(
        route,
        await rig.send({ method: route.method, path, ...body, headers: { cookie } }),
        text,
      );
      const safe = text.replace(/[^\x20-\x7e]/g, "");
      const headers = {
        ...{ cookie: `visitor=${safe.replaceAll(";", "")}`, authorization: `Bearer ${safe}` },
        ...{ "x-arena-challenge": safe, "x-request-id": safe },
        ...{ "accept-language": safe, "if-none-match": safe },
      };
      const answer = await rig.send({ method: route.method, path: address(route), ...body, headers });
      expectRefused(route, answer, text);
    });
    expect(await changes()).toEqual([]);
  }, 300_000);

  it("in the address itself leads out of no folder", async () => {
    for (const path of [
      "/api/../../etc/passwd",
      "/api/%2e%2e/%2e%2e/etc/passwd",
      "/v1/%00",
      "/api/%c0%ae%c0%ae/x",
      "/api//..//x",
      "/api/data/releases/..%2f..%2f..%2fetc/files/passwd",
      "/api/data/releases/%2e%2e/files/secrets.json",
    ]) {
      const answer = await rig.send({ method: "GET", path });
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
    const url = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/canary`;
    const image = { type: "image_url", image_url: { url } };
    const bodies = [
      Object.fromEntries(hostileFields.map((field) => [field, url])),
      { model: "m", messages: [{ role: "user", content: [image, { type: "text", text: url }] }] },
      { model: "m", input: [{ role: "user", content: [{ type: "input_image", image_url: url }] }] },
      { prompt: `![x](${url})`, text: `<img src="${url}">`, idempotencyKey: nobody, model: "m" },
    ];
    const cases = mutating().flatMap((route) => bodies.map((body) => ({ route, body })));
    await inTurn(cases, async ({ route, body }) => {
      const cookie = actsByAddress.has(nameOf(route)) ? rig.stranger : ofWhoMay(route);
      const headers = { cookie: takesNothing.has(nameOf(route)) ? rig.stranger : cookie, referer: url };
      const told = { ...headers, "x-forwarded-host": url, forwarded: `host=${url}` };
      const sent = { method: route.method, path: address(route), ...json(body) };
      expectRefused(route, await rig.send({ ...sent, headers: told }), url);
    });
    canary.close();
    expect(asked).toEqual([]);
    expect(await changes()).toEqual([]);
  }, 120_000);

  it("is not fetched where it names an address: a worker outside the allowed networks is refused before it is dialled", async () => {
    const sent = json({ url: "http://169.254.169.254/latest/meta-data/" });
    const headers = { authorization: `Bearer ${joinToken}` };
    const answer = await rig.send({ method: "POST", path: "/api/workers", ...sent, headers });
    expect([400, 403]).toContain(answer.status);
  });
});

describe("what belongs to somebody", () => {
  it("is out of reach of everybody else, with a body that its owner could send, and nothing is changed", async () => {
    const valid = validBodies();
    const isOwned = ({ url }: AppRoute) => url.includes(":") || url.startsWith("/api/admin");
    const cases = mutating()
      .filter((route) => isOwned(route) || valid.has(nameOf(route)))
      .flatMap((route) => othersThan(route).map(([who, cookie]) => ({ route, who, cookie })));
    expect(cases.length).toBeGreaterThan(100);
    await inTurn(cases, async ({ route, who, cookie }) => {
      const sent = json(valid.get(nameOf(route)) ?? {});
      const headers = { cookie };
      const answer = await rig.send({ method: route.method, path: address(route), ...sent, headers });
      expectRefused(route, answer, who);
    });
    expect(await changes()).toEqual([]);
  }, 120_000);
});

describe("the log of all this", () => {
  it("tells no secret", () => {
    const text = rig.logged.join("");
    expect(text.length).toBeGreaterThan(100);
    const { visitor, database } = rig;
    const cookies = [visitor, rig.person("admin").cookie, rig.person("moderator").cookie];
    const values = cookies.map((cookie) => cookie.split("=")[1] ?? "");
    for (const one of [secret, joinToken, password, database.url, ...values]) {
      expect(one.length).toBeGreaterThan(10);
      expect(text.includes(one), "a secret in the log").toBe(false);
    }
  });
});
