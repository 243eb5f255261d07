import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { rateLimitDetailsSchema } from "@/lib/protocol";
import { changeSettings } from "@/lib/settings";
import { joinToken, startTestSite, type TestSite } from "./fixtures/test-site";
import { startMockWorker, type WorkerProcess } from "./fixtures/worker-process";

/** Two servers on one database, and somebody who takes a new cookie for each prompt. */

const tokensPerDay = 1_000;
const names = ["heron", "stork"];

let database: TestDatabase;
let sites: TestSite[] = [];
let workers: WorkerProcess[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  const actor = { kind: "cli", label: "tests" } as const;
  await changeSettings(database.db, actor, "limits", { network: { tokensPerDay } });
  const settings = { TRUST_PROXY: "1", ARENA_KEYLESS_LOOPBACK: "1" };
  sites = [await startTestSite(database, settings), await startTestSite(database, settings)];
  const controllerUrl = sites[0]?.url ?? "";
  workers = await Promise.all(names.map((name) => startMockWorker({ name, controllerUrl, joinToken })));
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await Promise.all(sites.map(({ site }) => site.close()));
  await database.drop();
});

/** 150 tokens as the scripted workers count them, for each side. */
const prompt = "word ".repeat(150);

async function post(server: number, address: string, path: string, body: object) {
  const response = await fetch((sites[server % 2]?.url ?? "") + path, {
    method: "POST",
    headers: { "content-type": "application/json", "x-forwarded-for": address },
    body: JSON.stringify(body),
  });
  const json = (await response.json()) as { error?: { code: string; details: unknown } };
  return { status: response.status, error: json.error };
}

const battle = (server: number, address: string) =>
  post(server, address, "/api/battles", { prompt, idempotencyKey: randomUUID() });
const chat = (server: number, address: string) =>
  post(server, address, "/api/chat/conversations", {
    ...{ text: prompt, model: "heron", systemPrompt: "", parameters: {}, idempotencyKey: randomUUID() },
  });

/** What all answers have used, once none is being written. */
async function used(): Promise<number> {
  const { db } = database;
  const running = { status: { in: ["queued", "writing"] as ("queued" | "writing")[] } };
  await expect
    .poll(
      async () =>
        (await db.response.count({ where: running })) + (await db.message.count({ where: running })),
      {
        timeout: 20_000,
      },
    )
    .toBe(0);
  const [responses, messages] = await Promise.all([
    db.response.aggregate({ _sum: { tokensUsed: true } }),
    db.message.aggregate({ _sum: { tokensUsed: true } }),
  ]);
  return (responses._sum.tokensUsed ?? 0) + (messages._sum.tokensUsed ?? 0);
}

/** What the network was charged: the most under any of its names, as one that is new since midnight knows of what came after. */
async function charged(): Promise<number> {
  const [row] = await database.db.$queryRaw<{ sum: number }[]>`
    SELECT COALESCE(max((SELECT sum(slice) FROM unnest(slices) AS slice)), 0)::int AS sum FROM limit_uses
    WHERE key LIKE 'network:tokens:%'`;
  return row?.sum ?? 0;
}

it("holds the tokens of a network at all servers together, whatever cookies it comes with", async () => {
  for (const { site } of sites)
    await expect.poll(() => site.controller.models().length, { timeout: 20_000 }).toBe(names.length);
  const statuses: number[] = [];
  for (let turn = 0; turn < 12; turn += 1) {
    const ask = turn % 3 === 0 ? chat : battle;
    const { status, error } = await ask(turn, `198.51.100.${turn}`);
    statuses.push(status);
    const sum = await used();
    // Nothing is forgotten, and nothing charged twice.
    await expect.poll(charged, { timeout: 20_000 }).toBe(sum);
    if (status === 201) continue;
    expect(sum).toBeGreaterThan(tokensPerDay);
    expect([status, error?.code]).toEqual([429, "rate_limited"]);
    const details = rateLimitDetailsSchema.parse(error?.details);
    expect(details).toMatchObject({ limit: "tokens", scope: "network", max: tokensPerDay });
    expect(details.retryAfterSeconds).toBeGreaterThan(22 * 3_600);
    break;
  }
  expect(statuses.at(-1)).toBe(429);
  expect(statuses.length).toBeGreaterThan(3);

  const before = await used();
  const refused = await Promise.all(
    [0, 1].flatMap((server) => [battle(server, "198.51.100.1"), chat(server, "198.51.100.2")]),
  );
  expect(refused.map(({ status }) => status)).toEqual([429, 429, 429, 429]);
  expect(await used()).toBe(before);
  // Another network is not held up by it.
  expect((await battle(1, "198.51.101.1")).status).toBe(201);
  await used();
});
