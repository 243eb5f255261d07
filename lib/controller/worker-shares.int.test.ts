import { randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { createPostgresWorkerShares } from "./adapters/postgres-shares";
import { startTestServer } from "./adapters/test-support";
import type { ControllerService } from "./controller";
import { dispatchRequest, registration, startScriptedWorker, testJoinToken } from "./test-support";
import type { DispatchRequest } from "./types";

let database: TestDatabase;
const cleanups: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.db.worker.deleteMany();
  await database.db.workerShare.deleteMany();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const server = (): Promise<ControllerService> =>
  startTestServer({
    url: database.url,
    defer: (close) => cleanups.push(close),
    deps: (db) => ({ workerShares: createPostgresWorkerShares(db, randomUUID()) }),
  });

/** A worker that holds its answers until they are released, in the order of their arrival, and counts them. */
async function holdingWorker(slots: number) {
  const held: { id: string; end: () => void }[] = [];
  const order: string[] = [];
  let most = 0;
  const worker = await startScriptedWorker((response, { headers }) => {
    const id = String(headers["x-request-id"]);
    response.writeHead(200).write("x");
    order.push(id);
    held.push({ id, end: () => void response.end() });
    most = Math.max(most, held.length);
  });
  cleanups.push(worker.close);
  const releaseAll = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) {
      await expect.poll(() => held.length, { timeout: 10_000 }).toBeGreaterThan(0);
      held.shift()?.end();
    }
  };
  return { request: registration(worker.url, { slots }), held, order, most: () => most, releaseAll };
}

const ask = async (
  controller: ControllerService,
  requestId: string,
  priority: DispatchRequest["priority"] = "batch",
): Promise<string> => await text((await controller.dispatch(dispatchRequest({ requestId, priority }))).body);

/** Whether another server has divided the places after one that waits has told what it wants. */
async function isTold(demand = 1): Promise<boolean> {
  const rows = await database.db.$queryRaw<unknown[]>`
    SELECT 1 FROM worker_shares AS waiting JOIN worker_shares AS other USING (worker_id)
    WHERE waiting.demand = ${demand} AND waiting.places = 0 AND waiting.server_id <> other.server_id
    AND other.updated_at >= waiting.updated_at`;
  return rows.length > 0;
}

const long = { timeout: 10_000 };

describe("a worker of two servers", () => {
  it("never has more than its places, and a server that comes late has its part as they fall free", async () => {
    const worker = await holdingWorker(1);
    const [a, b] = [await server(), await server()];
    await a.register(testJoinToken, worker.request);
    await expect.poll(() => b.models().length).toBe(1);
    // One slot, and one place to wait: A has both while B wants none.
    const batch = Array.from({ length: 12 }, (_, i) => ask(a, `batch-${i}`));
    await expect.poll(() => worker.held.length, long).toBe(2);
    const person = ask(b, "person", "interactive");
    await expect.poll(isTold, long).toBe(true);

    await worker.releaseAll(1);
    // The place goes to B, not to the next of A's line.
    await expect.poll(() => worker.order, long).toEqual(["batch-0", "batch-1", "person"]);
    await worker.releaseAll(12);
    expect(await Promise.all([...batch, person])).toEqual(Array.from({ length: 13 }, () => "x"));
    expect(worker.most()).toBe(2);
  }, 60_000);

  it("serves people at one server before programs at the other", async () => {
    const worker = await holdingWorker(3);
    const [a, b] = [await server(), await server()];
    await a.register(testJoinToken, worker.request);
    await expect.poll(() => b.models().length).toBe(1);
    const batch = Array.from({ length: 12 }, (_, i) => ask(a, `batch-${i}`));
    await expect.poll(() => worker.held.length, long).toBe(4);
    const people = Array.from({ length: 4 }, (_, i) => ask(b, `person-${i}`, "interactive"));
    await expect.poll(() => isTold(4), long).toBe(true);
    // The fourth place is the programs' now and then.
    for (let released = 1; released <= 3; released += 1) {
      worker.held.shift()?.end();
      await expect.poll(() => worker.order.slice(4), long).toHaveLength(released);
    }
    expect(worker.order.slice(4)).toEqual(["person-0", "person-1", "person-2"]);
    await worker.releaseAll(13);
    await Promise.all([...batch, ...people]);
    expect(worker.most()).toBe(4);
  }, 60_000);

  it("is all of one server's while the other wants nothing, and all of the other's when that one is closed", async () => {
    const worker = await holdingWorker(4);
    const [a, b] = [await server(), await server()];
    await a.register(testJoinToken, worker.request);
    await expect.poll(() => b.models().length).toBe(1);
    const fromA = Array.from({ length: 8 }, (_, i) => ask(a, `a-${i}`));
    await expect.poll(() => worker.held.length, long).toBe(5);
    await worker.releaseAll(8);
    await Promise.all(fromA);
    await a.close();
    expect(await database.db.workerShare.count()).toBe(1);
    const fromB = Array.from({ length: 8 }, (_, i) => ask(b, `b-${i}`));
    await expect.poll(() => worker.held.length, long).toBe(5);
    await worker.releaseAll(8);
    await Promise.all(fromB);
    expect(worker.most()).toBe(5);
  }, 60_000);

  it("is divided between two that are busy, and neither waits for the other's line to end", async () => {
    const worker = await holdingWorker(3);
    const [a, b] = [await server(), await server()];
    await a.register(testJoinToken, worker.request);
    await expect.poll(() => b.models().length).toBe(1);
    const each = 60;
    const asked = ["a", "b"].flatMap((name) =>
      Array.from({ length: each }, (_, i) => ask(name === "a" ? a : b, `${name}-${i}`)),
    );
    const releaseOne = async (): Promise<void> => {
      // All places are used all the time, whoever has them.
      await expect.poll(() => worker.held.length, long).toBe(4);
      worker.held.shift()?.end();
    };
    while (!(worker.order.includes("a-1") && worker.order.includes("b-1"))) await releaseOne();
    const before = worker.order.length;
    for (let i = 0; i < 12; i += 1) await releaseOne();
    await expect.poll(() => worker.order.length, long).toBe(before + 12);
    const fromA = worker.order.slice(before).filter((id) => id.startsWith("a")).length;
    expect(Math.abs(fromA - 6)).toBeLessThanOrEqual(2);
    await worker.releaseAll(worker.held.length + 2 * each - worker.order.length);
    await Promise.all(asked);
    expect(worker.most()).toBe(4);
  }, 60_000);
});
