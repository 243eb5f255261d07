import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { setImmediate as nextTurn } from "node:timers/promises";
import fastify, { type FastifyInstance } from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import { AppError } from "@/lib/errors";
import type { OfferedModel } from "@/lib/protocol";
import type { ControllerService } from "./controller";
import { workerRoutes } from "./routes";
import {
  createMemoryRegistry,
  createTestController,
  dispatchRequest,
  healths,
  offeredModel,
  registration,
  startScriptedWorker,
  testJoinToken,
} from "./test-support";

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(
  options: Parameters<typeof createTestController>[0] = {},
): Promise<{ controller: ControllerService; app: FastifyInstance }> {
  const controller = createTestController(options);
  const app = fastify();
  await app.register(workerRoutes, { controller });
  cleanups.push(async () => {
    await app.close();
    await controller.close();
  });
  return { controller, app };
}

function post(app: FastifyInstance, url: string, token: string | null, payload: object) {
  const headers = token === null ? {} : { authorization: `Bearer ${token}` };
  return app.inject({ method: "POST", url, headers, payload });
}

const idle = { busySlots: 0, queued: 0, tokensPerSecond: null };

describe("the life of a worker over HTTP", () => {
  it("registers, reports, leaves", async () => {
    const { app, controller } = await serve({ heartbeatMs: 1234 });
    const registered = await post(app, "/api/workers", testJoinToken, registration("http://127.0.0.1:9"));
    expect(registered.statusCode).toBe(201);
    const { workerId, secret, heartbeatMs } = registered.json<Record<string, string>>();
    expect(heartbeatMs).toBe(1234);
    expect(controller.models().map(({ name, slots }) => [name, slots])).toEqual([["demo", 4]]);

    const beat = await post(app, `/api/workers/${workerId}/heartbeat`, String(secret), {
      ...idle,
      busySlots: 2,
    });
    expect([beat.statusCode, beat.json()]).toEqual([200, { heartbeatMs: 1234, order: "serving" }]);

    const left = await app.inject({
      method: "DELETE",
      url: `/api/workers/${workerId}`,
      headers: { authorization: `Bearer ${secret}` },
    });
    expect([left.statusCode, left.body]).toEqual([204, ""]);
    expect(controller.models()).toEqual([]);
    expect(controller.workers()).toMatchObject([{ id: workerId, health: "leaving" }]);
  });

  it("keeps the id of a process that registers again", async () => {
    const { app } = await serve();
    const request = registration("http://127.0.0.1:9");
    const first = (await post(app, "/api/workers", testJoinToken, request)).json<{ workerId: string }>();
    const again = (await post(app, "/api/workers", testJoinToken, request)).json<{ workerId: string }>();
    const other = (await post(app, "/api/workers", testJoinToken, registration("http://127.0.0.1:10"))).json<{
      workerId: string;
    }>();
    expect(again.workerId).toBe(first.workerId);
    expect(other.workerId).not.toBe(first.workerId);
  });

  it.each<[string, string | null, object, number, string, string | null]>([
    ["no token", null, {}, 401, "invalid_join_token", null],
    ["a wrong token", "wrong", {}, 401, "invalid_join_token", null],
    [
      "an address outside the networks",
      testJoinToken,
      { url: "http://8.8.8.8" },
      403,
      "worker_address_refused",
      null,
    ],
    ["an address with a path", testJoinToken, { url: "http://127.0.0.1/v1" }, 400, "invalid_request", "url"],
    [
      "an address with a name and password",
      testJoinToken,
      { url: "http://a:b@127.0.0.1" },
      400,
      "invalid_request",
      "url",
    ],
    [
      "a scheme that is not HTTP",
      testJoinToken,
      { url: "file:///etc/passwd" },
      400,
      "invalid_request",
      "url",
    ],
    ["no models", testJoinToken, { models: [] }, 400, "invalid_request", "models"],
    [
      "a model twice",
      testJoinToken,
      { models: [offeredModel("x"), offeredModel("x")] },
      400,
      "invalid_request",
      "models",
    ],
    ["no slots", testJoinToken, { slots: 0 }, 400, "invalid_request", "slots"],
  ])("refuses %s", async (_name, token, changes, status, code, param) => {
    const { app, controller } = await serve();
    const response = await post(app, "/api/workers", token, {
      ...registration("http://127.0.0.1:9"),
      ...changes,
    });
    expect(response.statusCode).toBe(status);
    expect(response.json()).toMatchObject({ error: { code, param } });
    expect(controller.workers()).toEqual([]);
  });

  it("answers 401 to a wrong secret and 410 to a right one of a worker that is not known any more", async () => {
    const store = createMemoryRegistry();
    const { app, controller } = await serve({ store });
    const { workerId, secret } = await controller.register(testJoinToken, registration("http://127.0.0.1:9"));
    const path = `/api/workers/${workerId}/heartbeat`;
    for (const wrong of [null, "wrong", testJoinToken]) {
      const response = await post(app, path, wrong, idle);
      expect([response.statusCode, response.json().error.code]).toEqual([401, "invalid_worker_secret"]);
    }
    store.rows.clear();
    const forgotten = await post(app, path, secret, idle);
    expect([forgotten.statusCode, forgotten.json().error.code]).toEqual([410, "worker_unknown"]);
    expect(controller.models()).toEqual([]);
  });

  it("answers bad JSON and another media type in the API's own shape", async () => {
    const { app } = await serve();
    const headers = { authorization: `Bearer ${testJoinToken}` };
    const send = (contentType: string, payload: string) =>
      app.inject({
        method: "POST",
        url: "/api/workers",
        headers: { ...headers, "content-type": contentType },
        payload,
      });
    const json = await send("application/json", "{");
    expect([json.statusCode, json.json().error.code]).toEqual([400, "invalid_json"]);
    const xml = await send("text/xml", "<a/>");
    expect([xml.statusCode, xml.json().error.code]).toEqual([415, "unsupported_media_type"]);
    const large = await send("application/json", JSON.stringify("x".repeat(600_000)));
    expect([large.statusCode, large.json().error.code]).toEqual([413, "payload_too_large"]);
  });
});

describe("registration and the arena", () => {
  it("routes to a model only after every listener knows it", async () => {
    const { controller } = await serve();
    const seen: [string[], number][] = [];
    controller.onModelsOffered(async (models: readonly OfferedModel[]) => {
      await nextTurn();
      seen.push([models.map(({ name }) => name), controller.models().length]);
    });
    await controller.register(testJoinToken, registration("http://127.0.0.1:9"));
    expect(seen).toEqual([[["demo"], 0]]);
    expect(controller.models()).toHaveLength(1);
  });

  it("fails as a whole when a listener fails", async () => {
    const { controller } = await serve();
    controller.onModelsOffered(async () => {
      throw new AppError("database_unavailable");
    });
    const registering = controller.register(testJoinToken, registration("http://127.0.0.1:9"));
    await expect(registering).rejects.toMatchObject({ code: "database_unavailable" });
    expect(controller.workers()).toEqual([]);
  });
});

describe("an address with another token's worker", () => {
  it("is a newcomer's only once it has taken the newcomer's secret", async () => {
    const store = createMemoryRegistry();
    const joinTokens = { verify: async (token: string) => ({ tokenId: token, pool: null }) };
    const { controller } = await serve({ store, joinTokens });
    const asked: string[] = [];
    let taken = "";
    const worker = await startScriptedWorker(
      (response) => response.writeHead(200).end("{}"),
      (secret) => {
        asked.push(secret);
        return secret === taken;
      },
    );
    cleanups.push(worker.close);
    await controller.start();
    const first = await controller.register("one", registration(worker.url));
    taken = first.secret;
    const names = () => controller.models().map(({ name }) => name);

    const other = registration(worker.url, { models: [offeredModel("other")] });
    const second = await controller.register("two", other);
    await controller.heartbeat(second.workerId, second.secret, idle);
    await expect.poll(() => asked).toContain(second.secret);
    expect(names()).toEqual(["demo"]);
    expect(store.rows.get(first.workerId)?.leftAt).toBeNull();
    expect(await text((await controller.dispatch(dispatchRequest())).body)).toBe("{}");

    taken = second.secret;
    await expect.poll(names).toEqual(["other"]);
    await expect.poll(() => store.rows.get(first.workerId)?.leftAt).not.toBeNull();
  });

  it("is taken over at once with the same token", async () => {
    const { controller } = await serve();
    await controller.register(testJoinToken, registration("http://127.0.0.1:9"));
    const other = registration("http://127.0.0.1:9", { models: [offeredModel("other")] });
    await controller.register(testJoinToken, other);
    expect(controller.models().map(({ name }) => name)).toEqual(["other"]);
  });
});

describe("the database away", () => {
  it("stops registrations, and neither heartbeats nor routing", async () => {
    const store = createMemoryRegistry();
    const { controller } = await serve({ store });
    const worker = await startScriptedWorker((response) => response.writeHead(200).end("{}"));
    cleanups.push(worker.close);
    const { workerId, secret } = await controller.register(testJoinToken, registration(worker.url));
    const away = async (): Promise<never> => {
      throw new AppError("database_unavailable");
    };
    Object.assign(store, { register: away, heartbeat: away, list: away, leave: away });

    await expect(controller.heartbeat(workerId, secret, idle)).resolves.toEqual({
      heartbeatMs: 10_000,
      order: "serving",
    });
    const again = controller.register(testJoinToken, registration("http://127.0.0.1:9"));
    await expect(again).rejects.toMatchObject({ code: "database_unavailable" });
    const answer = await controller.dispatch({
      model: "demo",
      path: "/",
      body: "{}",
      requestId: "1",
      priority: "batch",
      signal: new AbortController().signal,
    });
    expect(answer.body).toBeInstanceOf(Readable);
    expect(await text(answer.body)).toBe("{}");
    // Routing stops even though the farewell could not be written.
    await expect(controller.leave(workerId, secret)).rejects.toMatchObject({ code: "database_unavailable" });
    expect(controller.models()).toEqual([]);
  });

  it.each([
    ["the database", true],
    ["the server to which they report", false],
  ])(
    "keeps workers of whom it hears nothing as long as they answer, when %s is away",
    async (_what, isAway) => {
      const store = createMemoryRegistry();
      const view = { ...store };
      const { controller: first } = await serve({ store });
      const { controller: second } = await serve({ store: view, heartbeatMs: 100 });
      const worker = await startScriptedWorker((response) => response.writeHead(200).end("{}"));
      const gone = await startScriptedWorker(() => undefined);
      cleanups.push(worker.close);
      const { workerId } = await first.register(testJoinToken, registration(worker.url));
      const { workerId: goneId } = await first.register(testJoinToken, registration(gone.url));
      await second.start();
      await gone.close();
      const away = async (): Promise<never> => {
        throw new AppError("database_unavailable");
      };
      if (isAway) Object.assign(view, { list: away, get: away });
      // Both were heard of last at the same time, so the other would be silent too by then.
      await expect.poll(() => healths(second)[goneId]).toBe("out");
      expect(healths(second)[workerId]).toBe("healthy");
      expect(await text((await second.dispatch(dispatchRequest())).body)).toBe("{}");
    },
  );

  it("does not fail the start; the registry is loaded when it is back", async () => {
    const store = createMemoryRegistry();
    const { list } = store;
    store.list = async () => {
      throw new AppError("database_unavailable");
    };
    const { controller } = await serve({ store, heartbeatMs: 100 });
    await controller.start();
    expect(controller.isStoreReachable()).toBe(false);
    await store.register(registration("http://127.0.0.1:9"), Date.now());
    store.list = list;
    await expect.poll(() => controller.isStoreReachable()).toBe(true);
    expect(controller.workers()).toHaveLength(1);
  });
});

describe("a second server, or the same after a restart", () => {
  it("routes at once to workers that registered before, and takes their secrets", async () => {
    const store = createMemoryRegistry();
    const { controller: first } = await serve({ store });
    const { controller: second } = await serve({ store });
    const worker = await startScriptedWorker((response) => response.writeHead(200).end("{}"));
    cleanups.push(worker.close);
    const { workerId, secret } = await first.register(testJoinToken, registration(worker.url));
    await second.start();
    expect(second.models().map(({ name }) => name)).toEqual(["demo"]);
    await expect(second.heartbeat(workerId, secret, idle)).resolves.toEqual({
      heartbeatMs: 10_000,
      order: "serving",
    });
  });

  it("adopts a worker that reports before it has been seen in the table", async () => {
    const store = createMemoryRegistry();
    const { controller: first } = await serve({ store });
    const { controller: second } = await serve({ store });
    const { workerId, secret } = await first.register(testJoinToken, registration("http://127.0.0.1:9"));
    await second.heartbeat(workerId, secret, idle);
    expect(second.workers()).toMatchObject([{ id: workerId, health: "healthy" }]);
  });

  it("probes what missed its heartbeats while no server was up, and believes the answer", async () => {
    const store = createMemoryRegistry();
    const worker = await startScriptedWorker((response) => response.end());
    cleanups.push(worker.close);
    const longAgo = Date.now() - 60_000;
    const alive = await store.register(registration(worker.url), longAgo);
    const dead = await store.register(registration("http://127.0.0.1:9"), longAgo);
    const { controller } = await serve({ store });
    await controller.start();
    const healthOf = (id: string) => controller.workers().find((known) => known.id === id)?.health;
    expect([healthOf(alive.id), healthOf(dead.id)]).toEqual(["out", "out"]);
    await expect.poll(() => healthOf(alive.id)).toBe("healthy");
    expect(healthOf(dead.id)).toBe("out");
  });

  it("learns from the table what registered at, and left, another server", async () => {
    const store = createMemoryRegistry();
    const { controller: first } = await serve({ store });
    const { controller: second } = await serve({ store, heartbeatMs: 100 });
    await second.start();
    const { workerId, secret } = await first.register(testJoinToken, registration("http://127.0.0.1:9"));
    await expect.poll(() => second.models().length).toBe(1);
    await first.leave(workerId, secret);
    await expect.poll(() => second.workers().length).toBe(0);
  });
});

describe("a worker that was unreachable", () => {
  it("is taken back after a probe, without waiting for its heartbeat", async () => {
    const { controller } = await serve();
    let isBroken = true;
    const worker = await startScriptedWorker((response) => {
      if (isBroken) response.socket?.resetAndDestroy();
      else response.writeHead(200).end("{}");
    });
    cleanups.push(worker.close);
    await controller.register(testJoinToken, registration(worker.url));
    await controller.start();
    const request = {
      model: "demo",
      path: "/",
      body: "{}",
      requestId: "1",
      priority: "batch" as const,
      signal: new AbortController().signal,
    };
    await expect(controller.dispatch(request)).rejects.toMatchObject({ code: "upstream_failed" });
    expect(controller.models()).toEqual([]);
    isBroken = false;
    await expect.poll(() => controller.models().length).toBe(1);
    expect(await text((await controller.dispatch(request)).body)).toBe("{}");
  });
});
