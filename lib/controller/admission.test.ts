import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import type { ControllerService } from "./controller";
import { defaultModelSettings, type ModelStage } from "./core/types";
import type { ChangeFeed } from "./ports";
import {
  answerOk,
  answerStatus,
  beginStream,
  dispatchRequest,
  outstanding,
  registration,
  type Script,
  TestFleet,
  testJoinToken,
} from "./test-support";
import type { DispatchRequest } from "./types";

const fleet = new TestFleet();

afterEach(() => fleet.close());

/** A controller with one worker of one slot, and the answers that it has begun and not ended, by request id. */
async function oneSlot(options: Parameters<typeof fleet.controller>[0] = {}) {
  const controller = fleet.controller({ waitingAllowance: () => 0, ...options });
  const open = new Map<string, ServerResponse>();
  const order: string[] = [];
  const script: Script = (response, { headers }) => {
    const id = String(headers["x-request-id"]);
    order.push(id);
    open.set(id, response.writeHead(200, { "content-type": "text/plain" }));
    response.write(id);
  };
  const worker = await fleet.worker(script);
  await controller.register(testJoinToken, registration(worker.url, { slots: 1 }));
  /** Ends an answer and waits for the next request in its place. */
  const end = async (id: string): Promise<void> => {
    const count = order.length;
    open.get(id)?.end();
    await expect.poll(() => order.length).toBe(count + 1);
  };
  return { controller, open, order, end };
}

function ask(controller: ControllerService, requestId: string, changes: Partial<DispatchRequest> = {}) {
  return controller.dispatch(dispatchRequest({ requestId, ...changes })).then(({ body }) => text(body));
}

describe("the line", () => {
  it("lets people go before programs, each in order of arrival", async () => {
    const { controller, open, order, end } = await oneSlot();
    const first = ask(controller, "first");
    await expect.poll(() => order).toEqual(["first"]);
    const rest = [
      ask(controller, "b1"),
      ask(controller, "b2"),
      ask(controller, "i1", { priority: "interactive" }),
      ask(controller, "i2", { priority: "interactive" }),
    ];
    for (const id of ["first", "i1", "i2", "b1"]) await end(id);
    open.get("b2")?.end();
    await Promise.all([first, ...rest]);
    expect(order).toEqual(["first", "i1", "i2", "b1", "b2"]);
    expect(outstanding(controller)).toEqual([0]);
  });

  it("tells how long the wait was", async () => {
    let now = 1_000;
    const { controller, open, order } = await oneSlot({ now: () => now });
    const first = ask(controller, "first");
    await expect.poll(() => order).toEqual(["first"]);
    const second = controller.dispatch(dispatchRequest({ requestId: "second" }));
    now += 700;
    open.get("first")?.end();
    const answer = await second;
    expect(answer.queueWaitMs).toBe(700);
    open.get("second")?.end();
    expect([await first, await text(answer.body)]).toEqual(["first", "second"]);
  });

  it("refuses with 503 and a time to come back when it is full, without a line at once", async () => {
    const { controller, open, order } = await oneSlot({ queueLimit: 1 });
    const first = ask(controller, "first");
    await expect.poll(() => order).toEqual(["first"]);
    const second = ask(controller, "second");
    await expect(ask(controller, "third")).rejects.toMatchObject({
      code: "no_worker_available",
      status: 503,
      details: { reason: "queue_full", retryAfterSeconds: expect.any(Number) },
    });
    open.get("first")?.end();
    await expect.poll(() => order).toEqual(["first", "second"]);
    open.get("second")?.end();
    expect(await Promise.all([first, second])).toEqual(["first", "second"]);

    const none = await oneSlot({ queueLimit: 0 });
    const only = ask(none.controller, "first");
    await expect(ask(none.controller, "second")).rejects.toMatchObject({ details: { reason: "queue_full" } });
    await expect.poll(() => none.open.size).toBe(1);
    none.open.get("first")?.end();
    expect(await only).toBe("first");
  });

  it("refuses with 503 when the deadline has passed, and serves whoever comes after", async () => {
    const { controller, open, order } = await oneSlot({ queueDeadlineMs: 50 });
    const first = ask(controller, "first");
    await expect.poll(() => order).toEqual(["first"]);
    await expect(ask(controller, "late")).rejects.toMatchObject({
      code: "no_worker_available",
      details: { reason: "queue_timeout", retryAfterSeconds: expect.any(Number) },
    });
    open.get("first")?.end();
    await first;
    const next = ask(controller, "next");
    await expect.poll(() => order).toEqual(["first", "next"]);
    open.get("next")?.end();
    expect(await next).toBe("next");
  });

  it("gives the place of a cancelled request to another at once", async () => {
    const { controller, open, order } = await oneSlot({ queueLimit: 1 });
    const first = ask(controller, "first");
    await expect.poll(() => order).toEqual(["first"]);
    const abort = new AbortController();
    const cancelled = ask(controller, "cancelled", { signal: abort.signal });
    abort.abort(new Error("enough"));
    const next = ask(controller, "next");
    await expect(cancelled).rejects.toThrow("enough");
    open.get("first")?.end();
    await expect.poll(() => order).toEqual(["first", "next"]);
    open.get("next")?.end();
    expect(await Promise.all([first, next])).toEqual(["first", "next"]);
  });

  it("tells each request how many are before it, and again when that changes", async () => {
    const { controller, open, order } = await oneSlot();
    const told: Record<string, number[]> = { first: [], b1: [], i1: [], b2: [] };
    const onQueued = (id: string) => (ahead: number) => void told[id]?.push(ahead);
    const asked = (id: string, priority: "interactive" | "batch") =>
      ask(controller, id, { priority, onQueued: onQueued(id) });
    const abort = new AbortController();
    const first = asked("first", "batch");
    await expect.poll(() => order).toEqual(["first"]);
    const b1 = asked("b1", "batch");
    const i1 = ask(controller, "i1", {
      priority: "interactive",
      onQueued: onQueued("i1"),
      signal: abort.signal,
    });
    const b2 = asked("b2", "batch");
    expect(told).toEqual({ first: [], b1: [0], i1: [0], b2: [2] });
    await expect.poll(() => told["b1"]).toEqual([0, 1]);
    abort.abort(new Error("enough"));
    await expect(i1).rejects.toThrow("enough");
    await expect.poll(() => told).toEqual({ first: [], b1: [0, 1, 0], i1: [0], b2: [2, 1] });
    for (const id of ["first", "b1", "b2"]) {
      await expect.poll(() => open.has(id)).toBe(true);
      open.get(id)?.end();
    }
    await Promise.all([first, b1, b2]);
  });

  it("is given to a worker that comes", async () => {
    const { controller, order, open } = await oneSlot();
    const first = ask(controller, "first");
    await expect.poll(() => order).toEqual(["first"]);
    const second = ask(controller, "second");
    await controller.register(testJoinToken, registration((await fleet.worker(answerOk)).url));
    expect(await second).toBe('{"ok":true}');
    open.get("first")?.end();
    await first;
  });

  it("holds those whose pool is full, and lets others pass", async () => {
    const { controller, open, order } = await oneSlot();
    const east = await fleet.worker(answerOk);
    await controller.register(testJoinToken, registration(east.url, { slots: 1, pool: "east" }));
    const first = ask(controller, "first", { pools: ["default"] });
    await expect.poll(() => order).toEqual(["first"]);
    const second = ask(controller, "second", { pools: ["default"] });
    expect(await ask(controller, "third")).toBe('{"ok":true}');
    expect(await ask(controller, "fourth", { pools: ["east"] })).toBe('{"ok":true}');
    await expect(ask(controller, "nowhere", { pools: ["west"] })).rejects.toMatchObject({
      code: "model_not_found",
    });
    open.get("first")?.end();
    await expect.poll(() => order).toEqual(["first", "second"]);
    open.get("second")?.end();
    await Promise.all([first, second]);
  });

  it("ends at once for those whose last worker leaves", async () => {
    const controller = fleet.controller({ waitingAllowance: () => 0 });
    const worker = await fleet.worker(beginStream);
    const { workerId, secret } = await controller.register(
      testJoinToken,
      registration(worker.url, { slots: 1 }),
    );
    const first = await controller.dispatch(dispatchRequest());
    const waiting = controller.dispatch(dispatchRequest());
    await controller.leave(workerId, secret);
    await expect(waiting).rejects.toMatchObject({
      code: "no_worker_available",
      details: { reason: "none_healthy", retryAfterSeconds: expect.any(Number) },
    });
    expect(controller.queue()).toMatchObject({ interactive: 0, batch: 0, running: 1 });
    first.body.destroy();
  });

  it("ends at once when the model is retired, and for others when it becomes experimental", async () => {
    let stage: ModelStage = "public";
    let hear: Parameters<ChangeFeed["start"]>[0] | undefined;
    const controller = fleet.controller({
      waitingAllowance: () => 0,
      modelSettings: { list: async () => new Map([["demo", { ...defaultModelSettings, stage }]]) },
      changes: {
        start: (listener) => {
          hear = listener;
        },
        stop: async () => undefined,
      },
    });
    const worker = await fleet.worker(beginStream);
    await controller.register(testJoinToken, registration(worker.url, { slots: 1 }));
    await controller.start();
    const first = await controller.dispatch(dispatchRequest());
    const waiting = controller.dispatch(dispatchRequest());
    const allowed = controller.dispatch(dispatchRequest({ allowExperimental: true }));
    stage = "experimental";
    hear?.onChange({ kind: "models" });
    await expect(waiting).rejects.toMatchObject({ code: "model_not_found" });
    expect(controller.queue().batch).toBe(1);
    stage = "retired";
    hear?.onChange({ kind: "models" });
    await expect(allowed).rejects.toMatchObject({ code: "model_not_found" });
    first.body.destroy();
  });

  it("goes on while a worker of the model is out and may come back", async () => {
    const controller = fleet.controller({ waitingAllowance: () => 0 });
    const resets: Script = (response, request, number) => {
      if (number === 1) beginStream(response, request, number);
      else answerOk(response, request, number);
    };
    const worker = await fleet.worker(resets);
    await controller.register(testJoinToken, registration(worker.url, { slots: 1 }));
    await controller.start();
    const first = await controller.dispatch(dispatchRequest());
    const waiting = ask(controller, "second");
    const [open] = worker.open;
    open?.socket?.resetAndDestroy();
    await expect(text(first.body)).rejects.toMatchObject({ code: "upstream_failed" });
    // Out with the reset, back with the probe.
    expect(await waiting).toBe('{"ok":true}');
  });

  it("ends with the controller", async () => {
    const { controller, order } = await oneSlot();
    const answer = await controller.dispatch(dispatchRequest({ requestId: "first" }));
    expect(order).toEqual(["first"]);
    const waiting = expect(ask(controller, "second")).rejects.toMatchObject({ code: "shutting_down" });
    await controller.close();
    await waiting;
    if (!answer.body.closed) await once(answer.body, "close");
  });
});

describe("a worker that leaves", () => {
  it("finishes its streams and gets nothing new", async () => {
    const controller = fleet.controller();
    let finish: () => void = () => undefined;
    const leaving = await fleet.worker((response) => {
      response.writeHead(200).write("half ");
      finish = () => response.end("whole");
    });
    const { workerId, secret } = await controller.register(testJoinToken, registration(leaving.url));
    const first = await controller.dispatch(dispatchRequest());
    await controller.register(testJoinToken, registration((await fleet.worker(answerOk)).url));
    await controller.leave(workerId, secret);
    for (let i = 0; i < 5; i += 1) expect(await ask(controller, `${i}`)).toBe('{"ok":true}');
    expect(leaving.requests).toHaveLength(1);
    finish();
    expect(await text(first.body)).toBe("half whole");
    expect(outstanding(controller)).toEqual([0, 0]);
  });
});

describe("retries", () => {
  it("stay within the budget: when everything fails, most requests try one worker only", async () => {
    const controller = fleet.controller();
    const workers = await Promise.all([1, 2].map(() => fleet.worker(answerStatus(500))));
    await fleet.register(controller, ...workers);
    const requests = 100;
    for (let i = 0; i < requests; i += 1) {
      await expect(controller.dispatch(dispatchRequest())).rejects.toMatchObject({
        code: expect.stringMatching(/^(upstream_failed|no_worker_available)$/),
      });
    }
    const sent = workers.reduce((sum, worker) => sum + worker.requests.length, 0);
    expect(sent).toBeLessThanOrEqual(requests + 10 + 0.2 * requests);
    expect(outstanding(controller)).toEqual([0, 0]);
  });
});
