import { text } from "node:stream/consumers";
import { Registry } from "prom-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listAudit } from "@/lib/audit";
import {
  type ControllerService,
  createPostgresChanges,
  createPostgresModelSettings,
  createPostgresRegistry,
} from "@/lib/controller";
import {
  answerOk,
  beginStream,
  createTestController,
  dispatchRequest,
  registration,
  type Script,
  startScriptedWorker,
  testJoinToken,
} from "@/lib/controller/test-support";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { createSampler, readQueue } from "../queues/server-samples";
import { orderWorker } from "./order-worker";
import { SpeedHistory } from "./speed-history";
import { viewWorkers } from "./view-workers";

/** Nothing but a notification carries news from one server to the other within a test. */
const never = 600_000;
const actor = { kind: "user", id: "u1", label: "root@arena.example" } as const;
const beat = { busySlots: 0, queued: 0, tokensPerSecond: null };

let database: TestDatabase;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.db.worker.deleteMany();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function server(): Promise<ControllerService> {
  const controller = createTestController({
    store: createPostgresRegistry(database.db),
    modelSettings: createPostgresModelSettings(database.db),
    changes: createPostgresChanges(database.url),
    heartbeatMs: never,
  });
  cleanups.push(() => controller.close());
  await controller.start();
  await expect.poll(() => controller.isFeedUp()).toBe(true);
  return controller;
}

async function twoServersWith(script: Script) {
  const [first, second] = [await server(), await server()];
  const worker = await startScriptedWorker(script);
  cleanups.push(worker.close);
  const { workerId, secret } = await first.register(testJoinToken, registration(worker.url));
  await expect.poll(() => second.workers().map(({ id }) => id)).toEqual([workerId]);
  return { first, second, worker, workerId, secret };
}

const health = (controller: ControllerService) => controller.workers()[0]?.health;

describe("an operator's order to a worker", () => {
  it("drains it on both servers: what runs ends by itself, nothing new comes, resume takes it back", async () => {
    const { first, second, worker, workerId, secret } = await twoServersWith((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: 1\n\n");
    });
    const running = await second.dispatch(dispatchRequest());
    await orderWorker(database.db, actor, workerId, "drain");
    await expect.poll(() => [health(first), health(second)]).toEqual(["draining", "draining"]);
    for (const controller of [first, second]) {
      await expect(controller.dispatch(dispatchRequest())).rejects.toMatchObject({
        code: "no_worker_available",
      });
      expect(controller.models()).toEqual([]);
    }
    expect(await first.heartbeat(workerId, secret, beat)).toMatchObject({ order: "draining" });
    for (const response of worker.open) response.end("data: 2\n\n");
    expect(await text(running.body)).toBe("data: 1\n\ndata: 2\n\n");

    await orderWorker(database.db, actor, workerId, "resume");
    await expect.poll(() => [health(first), health(second)]).toEqual(["healthy", "healthy"]);
    expect(await first.heartbeat(workerId, secret, beat)).toMatchObject({ order: "serving" });
    const again = await first.dispatch(dispatchRequest());
    again.body.destroy();
    expect((await listAudit(database.db, { action: "worker." })).map(({ action }) => action)).toEqual([
      "worker.resume",
      "worker.drain",
    ]);
  });

  it("ejects it on both servers, cuts off what runs there, and outlives a restart of a server", async () => {
    const { first, second, workerId, secret } = await twoServersWith(beginStream);
    const running = [await first.dispatch(dispatchRequest()), await second.dispatch(dispatchRequest())];
    await orderWorker(database.db, actor, workerId, "eject");
    for (const { body } of running)
      await expect(text(body)).rejects.toMatchObject({ code: "upstream_failed" });
    await expect.poll(() => [health(first), health(second)]).toEqual(["ejected", "ejected"]);
    // It may go on reporting as diligently as it likes.
    await first.heartbeat(workerId, secret, beat);
    expect(health(first)).toBe("ejected");
    expect(health(await server())).toBe("ejected");
  });

  it("is refused, without a line in the log, for a worker that is not there", async () => {
    const before = await listAudit(database.db);
    for (const id of ["nothing", "0199d0a0-0000-7000-8000-000000000002"]) {
      await expect(orderWorker(database.db, actor, id, "drain")).rejects.toMatchObject({ code: "not_found" });
    }
    expect(await listAudit(database.db)).toEqual(before);
  });
});

describe("viewWorkers", () => {
  it("says of each worker how it is, what it alone serves, and who gave it its order", async () => {
    const controller = await server();
    const worker = await startScriptedWorker(answerOk);
    cleanups.push(worker.close);
    const { workerId, secret } = await controller.register(
      testJoinToken,
      registration(worker.url, { slots: 8 }),
    );
    await controller.heartbeat(workerId, secret, { busySlots: 3, queued: 2, tokensPerSecond: 10 });
    const speeds = new SpeedHistory(() => controller.workers());
    speeds.sample();
    const sampler = createSampler({
      db: database.db,
      controller: { queue: () => ({ interactive: 3, batch: 1, running: 2 }) },
      // A machine whose clock was an hour behind when its server began.
      clock: { difference: () => ({ differenceMs: 3_600_000 }), databaseNow: () => new Date() },
      isProxyUnnamed: () => true,
      metrics: new Registry(),
      logger: { warn: (fields) => expect(fields).toBeUndefined() },
    });
    await sampler.sample();
    const notices = {
      clocks: { off: 1, worstMs: 3_600_000 },
      isProxyUnnamed: true,
      judging: { waiting: 0, oldestMs: 0, setAside: 0 },
    };
    expect(await readQueue(database.db, new Date())).toEqual({ servers: 1, waiting: 4, running: 2, notices });

    const clock = { databaseNow: () => new Date() };
    const deps = { db: database.db, controller, speeds, heartbeatMs: never, clock };
    const view = await viewWorkers(deps);
    expect(view.figures).toMatchObject({
      busySlots: 3,
      slots: 8,
      tokensPerSecond: 30,
      waiting: 6,
      answers: 0,
    });
    expect(view.workers).toMatchObject([
      {
        id: workerId,
        state: "healthy",
        onlyHere: ["demo"],
        speedHistory: [30],
        firstTokenMs: null,
        orderedBy: null,
      },
    ]);
    await orderWorker(database.db, actor, workerId, "restart");
    await expect.poll(() => health(controller)).toBe("draining");
    expect((await viewWorkers(deps)).workers).toMatchObject([
      { state: "restarting", order: "restarting", orderedBy: actor.label },
    ]);
  });
});
