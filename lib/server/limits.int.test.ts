import { createHash } from "node:crypto";
import pino from "pino";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createVisitorCookies, type Sessions } from "@/lib/accounts";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { readServerEnv } from "@/lib/env";
import {
  type Challenge,
  challengeSchema,
  leadingZeroBits,
  proofText,
  rateLimitDetailsSchema,
} from "@/lib/protocol";
import { changeSettings } from "@/lib/settings";
import { buildSite, type Site } from "./build-site";

const secret = "limits-test-secret-0123456789-abcdef";
const limits = {
  visitor: { battlesPerHour: 5, promptsPerHour: 8, votesPerHour: 4, tokensPerDay: 1_000 },
  account: { battlesPerHour: 7 },
  network: { battlesPerHour: 12, votesPerHour: 1_000, flagsPerHour: 3, publicationsPerHour: 3 },
  challenge: { afterRefusals: 6, bits: 8 },
};

let database: TestDatabase;
const sites: Site[] = [];
const urls: string[] = [];

/** A cookie `account=<id>` is signed in. */
const sessions: Sessions = {
  find: async (header) => {
    const id = /account=([\w-]+)/.exec(header ?? "")?.[1];
    return id === undefined ? null : { id, email: "a@b.c", name: "A", role: "user" };
  },
  require: async () => {
    throw new Error("Nobody needs to be signed in here.");
  },
};

beforeAll(async () => {
  database = await createTestDatabase();
  await changeSettings(database.db, { kind: "cli", label: "tests" }, "limits", limits);
  for (let server = 0; server < 2; server++) {
    const env = readServerEnv({
      ...{ DATABASE_URL: database.url, PORT: "0", ARENA_SECRET: secret, ARENA_JOIN_TOKEN: "j".repeat(20) },
      ...{ ARENA_DRAIN_MS: "0", TRUST_PROXY: "1" },
    });
    const site = await buildSite({
      ...{ env, db: database.db, sessions, logger: pino({ level: "silent" }) },
      pages: async () => undefined,
    });
    sites.push(site);
    urls.push(await site.listen());
  }
});
afterAll(async () => {
  await Promise.all(sites.map((site) => site.close()));
  await database.drop();
});

const newVisitor = () =>
  createVisitorCookies({ secret, isSecure: false }).create().setCookie.split(";")[0] ?? "";

type Sent = { server?: number; cookie?: string; address?: string; solution?: string };
async function post(
  path: string,
  body: object,
  { server = 0, cookie, address = "127.0.0.1", solution }: Sent,
) {
  const response = await fetch(urls[server] + path, {
    method: "POST",
    body: JSON.stringify(body),
    headers: {
      ...{ "content-type": "application/json", "x-forwarded-for": address },
      ...(cookie === undefined ? {} : { cookie }),
      ...(solution === undefined ? {} : { "x-arena-challenge": solution }),
    },
  });
  const { error } = (await response.json()) as { error: { code: string; details: Record<string, unknown> } };
  return { status: response.status, retryAfter: response.headers.get("retry-after"), ...error };
}

/** No model is served here, so what passes the limits ends with 503 and writes nothing. */
const battle = (sent: Sent) => post("/api/battles", { prompt: "Hi", idempotencyKey: uuidv7() }, sent);
const vote = (sent: Sent) =>
  post(`/api/battles/${uuidv7()}/vote`, { outcome: "a", idempotencyKey: uuidv7() }, sent);
const passed = (answers: { code: string }[]) =>
  answers.filter(({ code }) => code === "not_enough_models").length;

describe("limits of two servers", () => {
  it("are one limit: a visitor gets through as often as it says, wherever they ask", async () => {
    const cookie = newVisitor();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, turn) => battle({ server: turn % 2, cookie })),
    );
    expect(passed(answers)).toBe(5);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(15);
    for (const { code, details, retryAfter } of refused) {
      expect(code).toBe("rate_limited");
      expect(rateLimitDetailsSchema.parse(details)).toMatchObject({
        ...{ limit: "battles", scope: "visitor", max: 5, windowSeconds: 3_600 },
      });
      expect(Number(retryAfter)).toBe(details.retryAfterSeconds);
      expect(Number(retryAfter)).toBeGreaterThan(3_000);
    }
    // Another visitor is not held up by them.
    expect(passed([await battle({ cookie: newVisitor() })])).toBe(1);
  });

  it("count votes apart from prompts, and name the one that is full", async () => {
    const cookie = newVisitor();
    const answers = [];
    for (let turn = 0; turn < 5; turn++) answers.push(await vote({ server: turn % 2, cookie }));
    expect(answers.map(({ code }) => code)).toEqual([...Array(4).fill("battle_not_found"), "rate_limited"]);
    expect(answers[4]?.details).toMatchObject({ limit: "votes", max: 4 });
    expect(passed([await battle({ cookie })])).toBe(1);
  });

  it("give an account its own, whatever browser it uses", async () => {
    const id = uuidv7();
    const answers = [];
    for (let turn = 0; turn < 9; turn++)
      answers.push(await battle({ server: turn % 2, cookie: `${newVisitor()}; account=${id}` }));
    expect(passed(answers)).toBe(7);
    expect(answers[8]?.details).toMatchObject({ scope: "account", max: 7 });
  });

  it("end with a day's tokens", async () => {
    const { db } = database;
    const cookie = newVisitor();
    const visitorId = cookie.split("=")[1]?.split(".")[0] ?? "";
    const [a, b] = [uuidv7(), uuidv7()];
    await db.visitor.create({ data: { id: visitorId } });
    await db.model.createMany({ data: [a, b].map((id) => ({ id, name: id, displayName: id })) });
    const use = (tokens: number) =>
      db.battle.create({
        data: {
          ...{ id: uuidv7(), visitorId, idempotencyKey: uuidv7(), modelAId: a, modelBId: b },
          ...{ policyId: "uniform-1", propensity: 0.5 },
          turns: {
            create: {
              ...{ id: uuidv7(), idempotencyKey: uuidv7(), ordinal: 0, prompt: "x" },
              responses: {
                create: {
                  ...{ id: uuidv7(), side: "a", leaseUntil: new Date(), status: "finished" },
                  ...{ promptTokens: 100, completionTokens: tokens - 100 },
                },
              },
            },
          },
        },
      });
    await use(900);
    expect(passed([await battle({ cookie })])).toBe(1);
    await use(150);
    const refused = await battle({ cookie, server: 1 });
    expect(refused).toMatchObject({
      status: 429,
      details: { limit: "tokens", max: 1_000, windowSeconds: 86_400 },
    });
  });

  it("count a chat's new system prompt as a prompt, and nothing else that is changed of it", async () => {
    const { db } = database;
    const cookie = newVisitor();
    const visitorId = cookie.split("=")[1]?.split(".")[0] ?? "";
    const [id, modelId] = [uuidv7(), uuidv7()];
    await db.visitor.create({ data: { id: visitorId } });
    await db.model.create({ data: { id: modelId, name: modelId, displayName: modelId } });
    await db.conversation.create({
      data: { id, visitorId, modelId, idempotencyKey: uuidv7(), title: "A chat" },
    });
    const change = async (turn: number, body: object) => {
      const response = await fetch(`${urls[turn % 2]}/api/chat/conversations/${id}`, {
        method: "PATCH",
        headers: { "content-type": "application/json", cookie },
        body: JSON.stringify(body),
      });
      await response.arrayBuffer();
      return response.status;
    };
    for (let turn = 0; turn < 8; turn++) {
      const systemPrompt = `Be brief, ${turn}.`;
      expect(await change(turn, { systemPrompt })).toBe(200);
      // A page sends all its settings with each change.
      expect(await change(turn, { systemPrompt, parameters: { temperature: turn / 8 } })).toBe(200);
      expect(await change(turn, { title: `Renamed ${turn}` })).toBe(200);
    }
    expect(await change(0, { systemPrompt: "One too many." })).toBe(429);
    expect(await change(1, { title: "Renamed for all that" })).toBe(200);
    expect((await db.conversation.findUniqueOrThrow({ where: { id } })).systemPrompt).toBe("Be brief, 7.");
  });

  it("hold a network that comes with ever new cookies, and leave others alone", async () => {
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, turn) =>
        battle({ server: turn % 2, cookie: newVisitor(), address: `198.51.100.${turn}` }),
      ),
    );
    expect(passed(answers)).toBe(12);
    expect(answers.find(({ status }) => status === 429)?.details).toMatchObject({
      scope: "network",
      max: 12,
    });
    expect(passed([await battle({ cookie: newVisitor(), address: "198.51.101.1" })])).toBe(1);
    const stored = await database.db.$queryRaw<{ all: string }[]>`
      SELECT json_agg(uses)::text AS all FROM limit_uses AS uses`;
    expect(stored[0]?.all).not.toContain("198.51");
  });
});

describe("what costs the site more than who asks", () => {
  const share = { kind: "share", token: "t".repeat(32), side: "a" };
  const flag = (sent: Sent) => post("/api/flags", { subject: share, reason: "harmful", comment: "" }, sent);

  it("is limited: flags by whoever has no cookie, pages, and texts that are to be published", async () => {
    const flags = [];
    for (let turn = 0; turn < 5; turn++) flags.push(await flag({ address: "192.0.2.7", server: turn % 2 }));
    expect(flags.map(({ code }) => code)).toEqual([
      ...Array(3).fill("share_not_found"),
      ...Array(2).fill("rate_limited"),
    ]);
    expect(flags[4]?.details).toMatchObject({ limit: "flags", scope: "network", max: 3 });

    const cookie = newVisitor();
    const address = "192.0.3.7";
    const publish = (isGiven: boolean) =>
      post(`/api/battles/${uuidv7()}/publication`, { isGiven, hidesFinds: false }, { cookie, address });
    const codes = [];
    for (let turn = 0; turn < 2; turn++) codes.push((await publish(true)).code);
    for (let turn = 0; turn < 2; turn++)
      codes.push((await post("/api/shares", { battleId: uuidv7() }, { cookie, address })).code);
    expect(codes).toEqual([...Array(3).fill("battle_not_found"), "rate_limited"]);
    // A yes may be taken back at any time.
    expect((await publish(false)).code).toBe("battle_not_found");
  });
});

it("a site that was not told of its proxy says so once, and holds everybody behind it to one network's limits", async () => {
  const warned: string[] = [];
  const env = readServerEnv({
    ...{ DATABASE_URL: database.url, PORT: "0", ARENA_SECRET: secret, ARENA_JOIN_TOKEN: "j".repeat(20) },
    ...{ ARENA_DRAIN_MS: "0" },
  });
  const site = await buildSite({
    ...{ env, db: database.db, sessions, pages: async () => undefined },
    logger: pino({ level: "warn" }, { write: (line: string) => warned.push(line) }),
  });
  urls.push(await site.listen());
  sites.push(site);
  const server = urls.length - 1;
  const answers = [];
  for (let turn = 0; turn < 14; turn++)
    answers.push(
      await battle({
        server,
        address: `198.18.${turn}.1`,
        ...(turn % 2 === 0 ? {} : { cookie: newVisitor() }),
      }),
    );
  expect(passed(answers)).toBe(12);
  expect(answers.at(-1)?.details).toMatchObject({ scope: "network", max: 12 });
  expect(warned.filter((line) => line.includes("TRUST_PROXY"))).toHaveLength(1);
});

function solve({ challenge, bits }: Challenge, fits = (zeros: number) => zeros >= bits): string {
  for (let answer = 0; ; answer++) {
    const hash = createHash("sha256").update(proofText(challenge, answer)).digest();
    if (fits(leadingZeroBits(hash))) return `${challenge}:${answer}`;
  }
}

describe("a network that is refused again and again", () => {
  it("must solve a challenge for each request, once each, in time, and its own", async () => {
    const address = "203.0.113.5";
    const cookie = newVisitor();
    for (let turn = 0; turn < 6 + 4; turn++) await vote({ cookie, address, server: turn % 2 });
    for (let turn = 0; turn < 6; turn++) await vote({ cookie, address });
    const asked = await vote({ cookie: newVisitor(), address, server: 1 });
    expect(asked).toMatchObject({ status: 428, code: "challenge_required" });
    const challenge = challengeSchema.parse(asked.details.challenge);
    const solution = solve(challenge);

    const fresh = newVisitor();
    expect((await vote({ cookie: fresh, address, solution })).code).toBe("battle_not_found");
    // The other server knows that it is spent.
    expect((await vote({ cookie: fresh, address, solution, server: 1 })).code).toBe("challenge_required");

    const next = challengeSchema.parse((await vote({ cookie: fresh, address })).details.challenge);
    const right = solve(next);
    for (const wrong of [
      right.replace(/:\d+$/, ":x"),
      solve(next, (zeros) => zeros < next.bits),
      right.replace(".8.", ".1."),
      `${right.startsWith("a") ? "b" : "a"}${right.slice(1)}`,
      "",
    ])
      expect((await vote({ cookie: fresh, address, solution: wrong })).code).toBe("challenge_required");
    // A network that nobody asks passes without, and a solution of one is none of another's.
    expect((await vote({ cookie: newVisitor(), address: "203.0.114.5" })).code).toBe("battle_not_found");
    expect((await vote({ cookie: fresh, address, solution: right })).code).toBe("battle_not_found");
  });
});
