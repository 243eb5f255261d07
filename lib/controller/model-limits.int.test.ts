import { randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { createPostgresModelSettings } from "./adapters/postgres-model-settings";
import { createPostgresModelShares } from "./adapters/postgres-shares";
import { startTestServer } from "./adapters/test-support";
import type { ControllerService } from "./controller";
import {
  dispatchRequest,
  offeredModel,
  registration,
  startScriptedWorker,
  testJoinToken,
} from "./test-support";

let database: TestDatabase;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.db.worker.deleteMany();
  await database.db.model.deleteMany();
  await database.db.modelShare.deleteMany();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const server = (queueDeadlineMs = 30_000): Promise<ControllerService> =>
  startTestServer({
    url: database.url,
    defer: (close) => cleanups.push(close),
    deps: (db) => ({
      modelSettings: createPostgresModelSettings(db),
      modelShares: createPostgresModelShares(db, randomUUID()),
      queueDeadlineMs,
    }),
  });

/** A worker with room for everything that holds its answers until they are released, and counts them. */
async function holdingWorker() {
  const held: (() => void)[] = [];
  let most = 0;
  const worker = await startScriptedWorker((response) => {
    response.writeHead(200).write("x");
    held.push(() => response.end());
    most = Math.max(most, held.length);
  });
  cleanups.push(worker.close);
  return { url: worker.url, held, most: () => most, release: () => held.shift()?.() };
}

async function limitTo(maxConcurrent: number | null): Promise<void> {
  const limits = { maxConcurrent };
  await database.db.model.upsert({
    where: { name: "demo" },
    create: { id: "019a0000-0000-7000-8000-00000000d000", name: "demo", displayName: "Demo", ...limits },
    update: limits,
  });
}

const ask = async (controller: ControllerService): Promise<string> =>
  await text((await controller.dispatch(dispatchRequest())).body);

describe("a limit of concurrent requests, over two servers", () => {
  it("is never exceeded, and all of it is used where the demand is, whichever server that is", async () => {
    await limitTo(3);
    const worker = await holdingWorker();
    const [a, b] = [await server(), await server()];
    await a.register(testJoinToken, registration(worker.url, { slots: 50, models: [offeredModel("demo")] }));
    await expect.poll(() => b.models().length).toBe(1);

    const fromA = Array.from({ length: 6 }, () => ask(a));
    // B's idle places come over to A.
    await expect.poll(() => worker.held.length, { timeout: 10_000 }).toBe(3);
    const fromB = Array.from({ length: 6 }, () => ask(b));
    for (let finished = 0; finished < 12; finished += 1) {
      await expect.poll(() => worker.held.length, { timeout: 10_000 }).toBeGreaterThan(0);
      worker.release();
    }
    expect(await Promise.all([...fromA, ...fromB])).toEqual(Array.from({ length: 12 }, () => "x"));
    expect(worker.most()).toBe(3);
  }, 60_000);

  it("is changed while they run, and lifted", async () => {
    await limitTo(1);
    const worker = await holdingWorker();
    const [a, b] = [await server(), await server()];
    await a.register(testJoinToken, registration(worker.url, { slots: 50 }));
    await expect.poll(() => b.models().length).toBe(1);
    const asked = [...Array.from({ length: 4 }, () => ask(a)), ...Array.from({ length: 4 }, () => ask(b))];
    await expect.poll(() => worker.held.length, { timeout: 10_000 }).toBe(1);
    await limitTo(4);
    await expect.poll(() => worker.held.length, { timeout: 10_000 }).toBe(4);
    await limitTo(null);
    await expect.poll(() => worker.held.length, { timeout: 10_000 }).toBe(8);
    while (worker.held.length > 0) worker.release();
    await Promise.all(asked);
  }, 60_000);

  it("leaves its places to the other when one is closed", async () => {
    await limitTo(2);
    const worker = await holdingWorker();
    const [a, b] = [await server(), await server()];
    await a.register(testJoinToken, registration(worker.url, { slots: 50 }));
    await expect.poll(() => b.models().length).toBe(1);
    await b.close();
    expect(await database.db.modelShare.count()).toBe(1);
    const asked = [ask(a), ask(a)];
    await expect.poll(() => worker.held.length, { timeout: 10_000 }).toBe(2);
    while (worker.held.length > 0) worker.release();
    await Promise.all(asked);
  }, 60_000);

  it("is named where a request has waited for it in vain", async () => {
    await limitTo(0);
    const worker = await holdingWorker();
    const a = await server(100);
    await a.register(testJoinToken, registration(worker.url));
    await expect(ask(a)).rejects.toMatchObject({
      code: "no_worker_available",
      message: expect.stringContaining("limited to 0 concurrent requests"),
      details: { limit: "modelMaxConcurrent", retryAfterSeconds: expect.any(Number) },
    });
  });
});

describe("a limit of tokens a minute", () => {
  it("is known by the servers as soon as it is set", async () => {
    const [a, b] = [await server(), await server()];
    await limitTo(null);
    for (const controller of [a, b]) expect(controller.tokenLimit("demo")).toBeNull();
    const { id } = await database.db.model.update({
      where: { name: "demo" },
      data: { tokensPerMinute: 500 },
    });
    for (const controller of [a, b]) {
      await expect.poll(() => controller.tokenLimit("demo")).toEqual({ modelId: id, tokensPerMinute: 500 });
    }
  });
});
