import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { createPostgresModelSettings } from "./adapters/postgres-model-settings";
import { startTestServer } from "./adapters/test-support";
import type { ControllerService } from "./controller";
import {
  answerOk,
  dispatchRequest,
  healths,
  offeredModel,
  outstanding,
  registration,
  type Script,
  startScriptedWorker,
  testJoinToken,
} from "./test-support";

/**
 * Two servers on one database. They read it at their start and then in ten minutes again, so that whatever one learns of
 * the other within a test it has learned from a notification.
 */
const never = 600_000;

let database: TestDatabase;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.db.worker.deleteMany();
  await database.db.model.deleteMany();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const server = ({ url = database.url, heartbeatMs = never } = {}): Promise<ControllerService> =>
  startTestServer({
    url,
    defer: (close) => cleanups.push(close),
    deps: (db) => ({ modelSettings: createPostgresModelSettings(db), heartbeatMs }),
  });

async function worker(script: Script = answerOk): Promise<string> {
  const started = await startScriptedWorker(script);
  cleanups.push(started.close);
  return started.url;
}

async function answerOf(controller: ControllerService, changes = {}): Promise<string> {
  return await text((await controller.dispatch(dispatchRequest(changes))).body);
}

/** Ends the connections that listen, as an administrator or a failing network would. */
async function cutListeners(): Promise<number> {
  const rows = await database.db.$queryRaw<unknown[]>`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'chat-arena listener' AND datname = current_database()`;
  return rows.length;
}

describe("two servers on one database", () => {
  it("use a worker that registered with either, and none that left through either", async () => {
    const [a, b] = [await server(), await server()];
    const { workerId, secret } = await a.register(testJoinToken, registration(await worker()));
    await expect.poll(() => b.models().map(({ name }) => name)).toEqual(["demo"]);
    expect(await answerOf(b)).toBe('{"ok":true}');
    await b.leave(workerId, secret);
    await expect.poll(() => healths(a)).toEqual({ [workerId]: "leaving" });
    await expect(a.dispatch(dispatchRequest())).rejects.toMatchObject({ code: "no_worker_available" });
  });

  it("give a request that waits at one the worker that registers with the other", async () => {
    const [a, b] = [await server(), await server()];
    const hold: Script = (response) => void response.writeHead(200).write("x");
    await a.register(testJoinToken, registration(await worker(hold), { slots: 1 }));
    await expect.poll(() => b.workers().length).toBe(1);
    const abort = new AbortController();
    const busy = [1, 2].map(() => b.dispatch(dispatchRequest({ signal: abort.signal })));
    await Promise.all(busy);
    const waiting = answerOf(b);
    expect(outstanding(b)).toEqual([2]);
    await a.register(testJoinToken, registration(await worker()));
    expect(await waiting).toBe('{"ok":true}');
    abort.abort();
  });

  it("take over a worker's new life and its pool", async () => {
    const [a, b] = [await server(), await server()];
    const request = registration(await worker());
    await a.register(testJoinToken, request);
    await expect.poll(() => b.models().map(({ name }) => name)).toEqual(["demo"]);
    await a.register(testJoinToken, { ...request, models: [offeredModel("other")], pool: "east" });
    await expect.poll(() => b.models().map(({ name }) => name)).toEqual(["other"]);
    expect(await answerOf(b, { model: "other", pools: ["east"] })).toBe('{"ok":true}');
    await database.db.worker.updateMany({ data: { pool: "west" } });
    await expect.poll(() => b.workers().map(({ pool }) => pool)).toEqual(["west"]);
  });

  it("follow the operator's settings without a restart", async () => {
    const [a, b] = [await server(), await server()];
    await a.register(testJoinToken, registration(await worker()));
    await expect.poll(() => b.models().length).toBe(1);
    const id = "018f0000-0000-7000-8000-000000000001";
    await database.db.model.create({ data: { id, name: "demo", displayName: "Demo" } });
    const set = (data: Parameters<typeof database.db.model.update>[0]["data"]) =>
      database.db.model.update({ where: { name: "demo" }, data });

    await set({ stage: "experimental" });
    for (const one of [a, b]) await expect.poll(() => one.models()).toEqual([]);
    expect(b.models({ includeExperimental: true })).toMatchObject([{ name: "demo", stage: "experimental" }]);
    await expect(b.dispatch(dispatchRequest())).rejects.toMatchObject({ code: "model_not_found" });
    expect(await answerOf(b, { allowExperimental: true })).toBe('{"ok":true}');

    await set({ stage: "retired" });
    for (const one of [a, b]) {
      await expect.poll(() => one.models({ includeExperimental: true })).toEqual([]);
      await expect(one.dispatch(dispatchRequest({ allowExperimental: true }))).rejects.toMatchObject({
        code: "model_not_found",
      });
    }

    await set({ stage: "public", maxConcurrent: 0 });
    await expect.poll(() => b.models().length).toBe(1);
    const waiting = answerOf(b);
    expect(outstanding(b)).toEqual([0]);
    await set({ maxConcurrent: null });
    expect(await waiting).toBe('{"ok":true}');
    await expect(set({ maxConcurrent: -1 })).rejects.toThrow("models_max_concurrent_check");
  });

  it("hear again after their listening connections were cut, and of what happened meanwhile", async () => {
    const [a, b] = [await server(), await server()];
    expect(await cutListeners()).toBe(2);
    await a.register(testJoinToken, registration(await worker()));
    await expect.poll(() => b.models().length).toBe(1);
    await expect.poll(() => [a.isFeedUp(), b.isFeedUp()]).toEqual([true, true]);
    await b.register(testJoinToken, registration(await worker(), { models: [offeredModel("late")] }));
    await expect.poll(() => a.models().map(({ name }) => name)).toEqual(["demo", "late"]);
  });
});

describe("a server that loses the database", () => {
  it("routes from its last view, takes heartbeats, says so, and catches up when it is back", async () => {
    const proxy = await startProxy(database.url);
    cleanups.push(() => proxy.cut());
    const cutOff = await server({ url: proxy.url, heartbeatMs: 300 });
    const other = await server();
    const { workerId, secret } = await cutOff.register(testJoinToken, registration(await worker()));
    await proxy.cut();
    await expect.poll(() => [cutOff.isStoreReachable(), cutOff.isFeedUp()]).toEqual([false, false]);
    expect(cutOff.hasView()).toBe(true);
    await cutOff.heartbeat(workerId, secret, { busySlots: 0, queued: 0, tokensPerSecond: null });
    expect(await answerOf(cutOff)).toBe('{"ok":true}');

    await other.register(testJoinToken, registration(await worker(), { models: [offeredModel("late")] }));
    await proxy.restore();
    await expect.poll(() => cutOff.models().map(({ name }) => name), { timeout: 10_000 }).toContain("late");
    await expect
      .poll(() => [cutOff.isStoreReachable(), cutOff.isFeedUp()], { timeout: 10_000 })
      .toEqual([true, true]);
  });

  it("keeps the workers that report to another server as long as they answer", async () => {
    const proxy = await startProxy(database.url);
    cleanups.push(() => proxy.cut());
    const cutOff = await server({ url: proxy.url, heartbeatMs: 300 });
    const other = await server();
    const gone = await startScriptedWorker(answerOk);
    const { workerId } = await other.register(testJoinToken, registration(await worker()));
    const { workerId: goneId } = await other.register(testJoinToken, registration(gone.url));
    await expect.poll(() => cutOff.models()[0]?.workers).toBe(2);
    await proxy.cut();
    await gone.close();
    // Silent for as long as the other, and does not answer.
    await expect.poll(() => healths(cutOff)[goneId], { timeout: 10_000 }).toBe("out");
    expect(healths(cutOff)[workerId]).toBe("healthy");
    expect(await answerOf(cutOff)).toBe('{"ok":true}');
    await proxy.restore();
  });
});

/** A way to the database that can be cut. */
async function startProxy(
  target: string,
): Promise<{ url: string; cut(): Promise<void>; restore(): Promise<void> }> {
  const url = new URL(target);
  const { hostname, port } = url;
  const sockets = new Set<Socket>();
  let proxy: Server | null = null;
  const open = (at: number): Promise<number> =>
    new Promise((resolve) => {
      proxy = createServer((near) => {
        const far = connect(Number(port || 5432), hostname);
        for (const [one, two] of [[near, far] as const, [far, near] as const]) {
          sockets.add(one);
          one.on("error", () => two.destroy());
          one.on("close", () => {
            sockets.delete(one);
            two.destroy();
          });
          one.pipe(two);
        }
      });
      const made = proxy;
      made.listen(at, "127.0.0.1", () => resolve((made.address() as AddressInfo).port));
    });
  const at = await open(0);
  url.hostname = "127.0.0.1";
  url.port = String(at);
  return {
    url: url.href,
    cut: () =>
      new Promise((resolve) => {
        if (proxy === null || !proxy.listening) return resolve();
        proxy.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
    restore: async () => {
      await open(at);
    },
  };
}
