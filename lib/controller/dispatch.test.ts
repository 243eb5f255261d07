import { once } from "node:events";
import { text } from "node:stream/consumers";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { ControllerService } from "./controller";
import {
  createTestController,
  registration,
  type Script,
  type ScriptedWorker,
  startScriptedWorker,
  testJoinToken,
} from "./testing";
import type { DispatchRequest } from "./types";

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function controllerOf(...options: Parameters<typeof createTestController>): ControllerService {
  const controller = createTestController(...options);
  cleanups.push(() => controller.close());
  return controller;
}

async function workerOf(script: Script): Promise<ScriptedWorker> {
  const worker = await startScriptedWorker(script);
  cleanups.push(() => worker.close());
  return worker;
}

/** Registered in this order, so the first is tried first: all are idle and none has been used. */
async function register(controller: ControllerService, ...workers: { url: string }[]): Promise<string[]> {
  const ids: string[] = [];
  for (const { url } of workers) {
    const { workerId } = await controller.register(testJoinToken, registration(url));
    ids.push(workerId);
  }
  return ids;
}

/** An address at which nobody listens. */
async function refusingUrl(): Promise<{ url: string }> {
  const worker = await startScriptedWorker(() => undefined);
  await worker.close();
  return { url: worker.url };
}

function request(changes: Partial<DispatchRequest> = {}): DispatchRequest {
  return {
    model: "demo",
    path: "/v1/chat/completions",
    body: Buffer.from('{"model":"demo"}'),
    requestId: "request-1",
    priority: "batch",
    signal: new AbortController().signal,
    ...changes,
  };
}

/** One whole exchange, after which its connection waits for the next: undici frees it in a later turn of the loop. */
async function finished(controller: ControllerService): Promise<void> {
  await text((await controller.dispatch(request())).body);
  await nextTurn();
}

const answerOk: Script = (response) => {
  response.writeHead(200, { "content-type": "application/json" }).end('{"ok":true}');
};
const answerStatus =
  (status: number, headers: Record<string, string> = {}): Script =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(`{"error":{"message":"status ${status}"}}`);
  };
/** Begins a stream and leaves it open. */
const beginStream: Script = (response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write("data: 1\n\n");
};

function outstanding(controller: ControllerService): number[] {
  return controller.workers().map((worker) => worker.outstanding);
}

function healths(controller: ControllerService): Record<string, string> {
  return Object.fromEntries(controller.workers().map(({ id, health }) => [id, health]));
}

describe("a regular answer", () => {
  it("sends the original bytes with the worker's secret and hands back its bytes", async () => {
    const controller = controllerOf();
    const worker = await workerOf((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end("data: {}\n\ndata: [DONE]\n\n");
    });
    const { workerId, secret } = await controller.register(testJoinToken, registration(worker.url));
    const answer = await controller.dispatch(request({ body: '{"model":"demo", "x": "é"}' }));
    expect(answer).toMatchObject({ status: 200, contentType: "text/event-stream", workerId });
    expect(await text(answer.body)).toBe("data: {}\n\ndata: [DONE]\n\n");
    expect(worker.requests).toMatchObject([
      {
        path: "/v1/chat/completions",
        body: '{"model":"demo", "x": "é"}',
        headers: { authorization: `Bearer ${secret}`, "x-request-id": "request-1" },
      },
    ]);
    expect(outstanding(controller)).toEqual([0]);
  });

  it("uses one connection for requests that follow each other", async () => {
    const controller = controllerOf();
    const worker = await workerOf(answerOk);
    await register(controller, worker);
    for (let i = 0; i < 5; i += 1) await finished(controller);
    expect(worker.connections()).toBe(1);
  });

  it("frees the worker when the worker is done, not when a slow reader is", async () => {
    const controller = controllerOf();
    await register(controller, await workerOf(answerOk));
    const answer = await controller.dispatch(request());
    await expect.poll(() => outstanding(controller)).toEqual([0]);
    expect(await text(answer.body)).toBe('{"ok":true}');
  });

  it("holds the worker back while the reader does not read", async () => {
    const controller = controllerOf();
    const chunk = Buffer.alloc(256 * 1024, "x");
    const total = 200;
    let written = 0;
    const worker = await workerOf((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const write = (): void => {
        while (written < total) {
          written += 1;
          if (!response.write(chunk)) return void response.once("drain", write);
        }
        response.end();
      };
      write();
    });
    await register(controller, worker);
    const answer = await controller.dispatch(request());
    const [response] = worker.open;
    await expect.poll(() => response?.writableNeedDrain).toBe(true);
    expect(written).toBeLessThan(total);
    let size = 0;
    for await (const part of answer.body) size += (part as Buffer).length;
    expect(size).toBe(total * chunk.length);
  });

  it("gives the caller a 4xx as the worker wrote it, and tries nobody else", async () => {
    const controller = controllerOf();
    const other = await workerOf(answerOk);
    const [first] = await register(controller, await workerOf(answerStatus(400)), other);
    const answer = await controller.dispatch(request());
    expect(answer).toMatchObject({ status: 400, workerId: first });
    expect(await text(answer.body)).toBe('{"error":{"message":"status 400"}}');
    expect(other.requests).toEqual([]);
  });
});

describe("a failure before the first byte", () => {
  const reset: Script = (response) => {
    response.socket?.resetAndDestroy();
  };
  const resetAfterHead: Script = (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.flushHeaders();
    response.socket?.end();
  };

  it.each<[string, Script]>([
    ["a reset", reset],
    ["an end after the headers", resetAfterHead],
    ["a 500", answerStatus(500)],
    ["a 503, which says busy", answerStatus(503)],
    ["a 429, which says busy", answerStatus(429)],
    ["a 401, which speaks of our secret and not of the caller's key", answerStatus(401)],
    ["a redirect, which is not followed", answerStatus(307, { location: "http://127.0.0.1:1/" })],
    ["a success without a body", (response) => void response.writeHead(200).end()],
    ["something that is not HTTP", (response) => void response.socket?.end("SMTP ready\r\n\r\n")],
  ])("goes to another worker: %s", async (_name, script) => {
    const controller = controllerOf();
    const failing = await workerOf(script);
    const [, second] = await register(controller, failing, await workerOf(answerOk));
    const answer = await controller.dispatch(request());
    expect(answer.workerId).toBe(second);
    expect(await text(answer.body)).toBe('{"ok":true}');
    expect(failing.requests).toHaveLength(1);
    expect(outstanding(controller)).toEqual([0, 0]);
  });

  it("takes a worker that refuses or resets the connection out at once", async () => {
    const controller = controllerOf();
    const resetting = await workerOf(reset);
    const [refused, reseted, healthy] = await register(
      controller,
      await refusingUrl(),
      resetting,
      await workerOf(answerOk),
    );
    await text((await controller.dispatch(request())).body);
    expect(healths(controller)).toEqual({
      [String(refused)]: "out",
      [String(reseted)]: "out",
      [String(healthy)]: "healthy",
    });
    await text((await controller.dispatch(request())).body);
    expect(resetting.requests).toHaveLength(1);
  });

  it("ends with upstream_timeout when no worker answers in time", async () => {
    const controller = controllerOf({ upstreamTimeoutMs: 200 });
    const silent = await workerOf(() => undefined);
    await register(controller, silent);
    await expect(controller.dispatch(request())).rejects.toMatchObject({ code: "upstream_timeout" });
    expect(outstanding(controller)).toEqual([0]);
  });

  it("ends with upstream_failed after three workers, and never tries one twice", async () => {
    const controller = controllerOf();
    const workers = await Promise.all([1, 2, 3, 4].map(() => workerOf(answerStatus(500))));
    await register(controller, ...workers);
    await expect(controller.dispatch(request())).rejects.toMatchObject({ code: "upstream_failed" });
    expect(workers.map((worker) => worker.requests.length)).toEqual([1, 1, 1, 0]);
    expect(outstanding(controller)).toEqual([0, 0, 0, 0]);
  });

  it("says that all are busy, with the wait that the worker named", async () => {
    const controller = controllerOf();
    await register(controller, await workerOf(answerStatus(503, { "retry-after": "7" })));
    await expect(controller.dispatch(request())).rejects.toMatchObject({
      code: "no_worker_available",
      details: { retryAfterSeconds: 7 },
    });
  });

  it("names a model that nobody serves and one whose workers are out differently", async () => {
    const controller = controllerOf();
    await register(controller, await refusingUrl());
    await expect(controller.dispatch(request({ model: "none" }))).rejects.toMatchObject({
      code: "model_not_found",
    });
    await expect(controller.dispatch(request())).rejects.toMatchObject({ code: "upstream_failed" });
    await expect(controller.dispatch(request())).rejects.toMatchObject({ code: "no_worker_available" });
  });
});

describe("a reset on a reused connection", () => {
  it("is retried once on the same worker over a new connection, and is not held against it", async () => {
    const controller = controllerOf();
    const worker = await workerOf((response, scripted, number) => {
      if (number === 2) response.socket?.destroy();
      else answerOk(response, scripted, number);
    });
    const [id] = await register(controller, worker);
    await finished(controller);
    const answer = await controller.dispatch(request());
    expect(await text(answer.body)).toBe('{"ok":true}');
    expect(worker.requests).toHaveLength(3);
    expect(worker.connections()).toBe(2);
    expect(healths(controller)).toEqual({ [String(id)]: "healthy" });
    expect(outstanding(controller)).toEqual([0]);
  });

  it("counts as a failure when the new connection is reset as well", async () => {
    const controller = controllerOf();
    const worker = await workerOf((response, scripted, number) => {
      if (number > 1) response.socket?.destroy();
      else answerOk(response, scripted, number);
    });
    const [id] = await register(controller, worker);
    await finished(controller);
    await expect(controller.dispatch(request())).rejects.toMatchObject({ code: "upstream_failed" });
    expect(worker.requests).toHaveLength(3);
    expect(healths(controller)).toEqual({ [String(id)]: "out" });
  });
});

describe("a failure after the first byte", () => {
  it.each<[string, (response: Parameters<Script>[0]) => void]>([
    ["reset", (response) => response.socket?.resetAndDestroy()],
    ["half-close", (response) => response.socket?.end()],
    ["broken framing", (response) => response.socket?.write("not a chunk\r\n")],
  ])("errors the body with upstream_failed: %s", async (_name, fail) => {
    const controller = controllerOf();
    const other = await workerOf(answerOk);
    await register(
      controller,
      await workerOf((response, scripted, number) => {
        beginStream(response, scripted, number);
        setImmediate(() => fail(response));
      }),
      other,
    );
    const answer = await controller.dispatch(request());
    await expect(text(answer.body)).rejects.toMatchObject({ code: "upstream_failed" });
    expect(outstanding(controller)).toEqual([0, 0]);
    expect(other.requests).toEqual([]);
  });

  it("errors the body when the answer is shorter than its content-length", async () => {
    const controller = controllerOf();
    await register(
      controller,
      await workerOf((response) => {
        response.writeHead(200, { "content-type": "application/json", "content-length": 100 });
        response.write('{"half":');
        setImmediate(() => response.socket?.end());
      }),
    );
    const answer = await controller.dispatch(request());
    await expect(text(answer.body)).rejects.toMatchObject({ code: "upstream_failed" });
    expect(outstanding(controller)).toEqual([0]);
  });

  it("errors the body with upstream_timeout when the stream stalls, and hangs up on the worker", async () => {
    const controller = controllerOf({ upstreamTimeoutMs: 200 });
    const worker = await workerOf(beginStream);
    await register(controller, worker);
    const answer = await controller.dispatch(request());
    await expect(text(answer.body)).rejects.toMatchObject({ code: "upstream_timeout" });
    expect(outstanding(controller)).toEqual([0]);
    await expect.poll(() => worker.open.size).toBe(0);
  });
});

describe("the caller ends it", () => {
  it("while the worker is thinking: rejects with the signal's reason and hangs up", async () => {
    const controller = controllerOf();
    const abort = new AbortController();
    const reason = new Error("enough");
    const worker = await workerOf(() => abort.abort(reason));
    const other = await workerOf(answerOk);
    await register(controller, worker, other);
    await expect(controller.dispatch(request({ signal: abort.signal }))).rejects.toBe(reason);
    expect(outstanding(controller)).toEqual([0, 0]);
    expect(other.requests).toEqual([]);
    await expect.poll(() => worker.open.size).toBe(0);
    expect(Object.values(healths(controller))).toEqual(["healthy", "healthy"]);
  });

  it("while the connection is being made", async () => {
    const controller = controllerOf();
    const abort = new AbortController();
    const worker = await workerOf(answerOk);
    await register(controller, worker);
    const answer = controller.dispatch(request({ signal: abort.signal }));
    expect(outstanding(controller)).toEqual([1]);
    abort.abort(new Error("enough"));
    expect(outstanding(controller)).toEqual([0]);
    await expect(answer).rejects.toThrow("enough");
    await text((await controller.dispatch(request())).body);
    expect(worker.requests).toHaveLength(1);
  });

  it("before it began", async () => {
    const controller = controllerOf();
    const worker = await workerOf(answerOk);
    await register(controller, worker);
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(controller.dispatch(request({ signal }))).rejects.toThrow("enough");
    expect(worker.requests).toEqual([]);
  });

  it("in the middle, by the signal: the body errors with the reason and only this answer ends", async () => {
    const controller = controllerOf();
    const worker = await workerOf(beginStream);
    await register(controller, worker);
    const abort = new AbortController();
    const answer = await controller.dispatch(request({ signal: abort.signal }));
    const sibling = await controller.dispatch(request());
    expect(outstanding(controller)).toEqual([2]);
    abort.abort(new Error("enough"));
    expect(outstanding(controller)).toEqual([1]);
    await expect(text(answer.body)).rejects.toThrow("enough");
    await expect.poll(() => worker.open.size).toBe(1);
    sibling.body.destroy();
    await once(sibling.body, "close");
    expect(outstanding(controller)).toEqual([0]);
    await expect.poll(() => worker.open.size).toBe(0);
  });
});

describe("many at once", () => {
  it("never puts more on a worker than its bound, serves all that fit, and comes back to zero", async () => {
    const controller = controllerOf({ waitingAllowance: () => 2 });
    let open = 0;
    let mostOpen = 0;
    const slow: Script = (response) => {
      open += 1;
      mostOpen = Math.max(mostOpen, open);
      setImmediate(() => {
        open -= 1;
        response.writeHead(200, { "content-type": "application/json" }).end("{}");
      });
    };
    const workers = [await workerOf(slow), await workerOf(slow)];
    for (const { url } of workers) await controller.register(testJoinToken, registration(url, { slots: 3 }));
    const results = await Promise.allSettled(
      Array.from({ length: 40 }, async () => {
        const answer = await controller.dispatch(request({ priority: "interactive" }));
        return await text(answer.body);
      }),
    );
    const served = results.filter(({ status }) => status === "fulfilled").length;
    expect(served).toBe(10);
    for (const result of results) {
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "no_worker_available" });
    }
    expect(mostOpen).toBeLessThanOrEqual(10);
    expect(workers.map((worker) => worker.requests.length)).toEqual([5, 5]);
    expect(outstanding(controller)).toEqual([0, 0]);
  });

  it("keeps every stream's bytes apart and in order while workers fail and clients leave", async () => {
    const controller = controllerOf({ waitingAllowance: () => 1000 });
    const script: Script = (response, { body }, number) => {
      if (number % 7 === 0) return void response.socket?.resetAndDestroy();
      const { tag } = JSON.parse(body) as { tag: number };
      response.writeHead(200, { "content-type": "text/event-stream" });
      let i = 0;
      const next = (): void => {
        if (i === 20) return void response.end();
        response.write(`${tag}:${i};`);
        i += 1;
        setImmediate(next);
      };
      next();
    };
    await register(controller, await workerOf(script), await workerOf(script), await workerOf(script));
    await controller.start();
    await Promise.all(
      Array.from({ length: 60 }, async (_, tag) => {
        const abort = new AbortController();
        const body = JSON.stringify({ model: "demo", tag });
        // A worker that resets is out until it is probed, so now and then nobody is left; that is an honest answer.
        const answer = await controller
          .dispatch(request({ body, signal: abort.signal }))
          .catch((error: unknown) => {
            expect(error).toMatchObject({
              code: expect.stringMatching(/^(no_worker_available|upstream_failed)$/),
            });
            return null;
          });
        if (answer === null) return;
        if (tag % 5 === 0) return abort.abort();
        const expected = Array.from({ length: 20 }, (__, i) => `${tag}:${i};`).join("");
        expect(await text(answer.body)).toBe(expected);
      }),
    );
    expect(outstanding(controller)).toEqual([0, 0, 0]);
  });
});

describe("close", () => {
  it("refuses new requests and ends running answers", async () => {
    const controller = controllerOf();
    await register(controller, await workerOf(beginStream));
    const answer = await controller.dispatch(request());
    const ended = expect(text(answer.body)).rejects.toMatchObject({ code: "upstream_failed" });
    await controller.close();
    await ended;
    await expect(controller.dispatch(request())).rejects.toMatchObject({ code: "shutting_down" });
    expect(outstanding(controller)).toEqual([0]);
  });
});
