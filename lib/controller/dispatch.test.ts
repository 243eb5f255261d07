import { text } from "node:stream/consumers";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { ControllerService } from "./controller";
import {
  answerOk,
  answerStatus,
  dispatchRequest,
  healths,
  outstanding,
  refusingUrl,
  registration,
  type Script,
  TestFleet,
  testJoinToken,
} from "./test-support";

const fleet = new TestFleet();

afterEach(() => fleet.close());

/** One whole exchange, after which its connection waits for the next: undici frees it in a later turn of the loop. */
async function finished(controller: ControllerService): Promise<void> {
  await text((await controller.dispatch(dispatchRequest())).body);
  await nextTurn();
}

describe("a regular answer", () => {
  it("sends the original bytes with the worker's secret and hands back its bytes", async () => {
    const controller = fleet.controller();
    const worker = await fleet.worker((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end("data: {}\n\ndata: [DONE]\n\n");
    });
    const { workerId, secret } = await controller.register(testJoinToken, registration(worker.url));
    const answer = await controller.dispatch(dispatchRequest({ body: '{"model":"demo", "x": "é"}' }));
    expect(answer.whole).toBeNull();
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
    const controller = fleet.controller();
    const worker = await fleet.worker(answerOk);
    await fleet.register(controller, worker);
    for (let i = 0; i < 5; i += 1) await finished(controller);
    expect(worker.connections()).toBe(1);
  });

  it("frees the worker when the worker is done, not when a slow reader is", async () => {
    const controller = fleet.controller();
    await fleet.register(controller, await fleet.worker(answerOk));
    const answer = await controller.dispatch(dispatchRequest());
    await expect.poll(() => outstanding(controller)).toEqual([0]);
    expect(await text(answer.body)).toBe('{"ok":true}');
  });

  it("holds the worker back while the reader does not read", async () => {
    const controller = fleet.controller();
    const chunk = Buffer.alloc(256 * 1024, "x");
    const total = 200;
    let written = 0;
    const worker = await fleet.worker((response) => {
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
    await fleet.register(controller, worker);
    const answer = await controller.dispatch(dispatchRequest());
    const [response] = worker.open;
    await expect.poll(() => response?.writableNeedDrain).toBe(true);
    expect(written).toBeLessThan(total);
    let size = 0;
    for await (const part of answer.body) size += (part as Buffer).length;
    expect(size).toBe(total * chunk.length);
  });

  it.each(['{"ok":true}', ""])("hands over an answer of known length as a whole: %j", async (sent) => {
    const controller = fleet.controller();
    await fleet.register(
      controller,
      await fleet.worker((response) => {
        const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(sent) };
        response.writeHead(sent === "" ? 404 : 200, headers).end(sent);
      }),
    );
    const answer = await controller.dispatch(dispatchRequest());
    expect(answer.whole?.toString()).toBe(sent);
    expect(controller.workers()[0]?.outstanding).toBe(0);
    // And as a stream to whoever reads it as one.
    expect(answer.body).toBe(answer.body);
    expect(await text(answer.body)).toBe(sent);
  });

  it("gives the caller a 4xx as the worker wrote it, and tries nobody else", async () => {
    const controller = fleet.controller();
    const other = await fleet.worker(answerOk);
    const [first] = await fleet.register(controller, await fleet.worker(answerStatus(400)), other);
    const answer = await controller.dispatch(dispatchRequest());
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
    const controller = fleet.controller();
    const failing = await fleet.worker(script);
    const [, second] = await fleet.register(controller, failing, await fleet.worker(answerOk));
    const answer = await controller.dispatch(dispatchRequest());
    expect(answer.workerId).toBe(second);
    expect(await text(answer.body)).toBe('{"ok":true}');
    expect(failing.requests).toHaveLength(1);
    expect(outstanding(controller)).toEqual([0, 0]);
  });

  it("takes a worker that refuses or resets the connection out at once", async () => {
    const controller = fleet.controller();
    const resetting = await fleet.worker(reset);
    const [refused, reseted, healthy] = await fleet.register(
      controller,
      await refusingUrl(),
      resetting,
      await fleet.worker(answerOk),
    );
    await text((await controller.dispatch(dispatchRequest())).body);
    expect(healths(controller)).toEqual({
      [String(refused)]: "out",
      [String(reseted)]: "out",
      [String(healthy)]: "healthy",
    });
    await text((await controller.dispatch(dispatchRequest())).body);
    expect(resetting.requests).toHaveLength(1);
  });

  it("takes a worker that does not take its own secret out", async () => {
    const controller = fleet.controller();
    const ids = await fleet.register(
      controller,
      await fleet.worker(answerStatus(401)),
      await fleet.worker(answerOk),
    );
    await text((await controller.dispatch(dispatchRequest())).body);
    expect(healths(controller)).toEqual({ [String(ids[0])]: "out", [String(ids[1])]: "healthy" });
  });

  it("ends with upstream_timeout when no worker answers in time", async () => {
    const controller = fleet.controller({ upstreamTimeoutMs: 200 });
    const silent = await fleet.worker(() => undefined);
    await fleet.register(controller, silent);
    await expect(controller.dispatch(dispatchRequest())).rejects.toMatchObject({ code: "upstream_timeout" });
    expect(outstanding(controller)).toEqual([0]);
  });

  it("ends with upstream_failed after three workers, and never tries one twice", async () => {
    const controller = fleet.controller();
    const workers = await Promise.all([1, 2, 3, 4].map(() => fleet.worker(answerStatus(500))));
    await fleet.register(controller, ...workers);
    await expect(controller.dispatch(dispatchRequest())).rejects.toMatchObject({ code: "upstream_failed" });
    expect(workers.map((worker) => worker.requests.length)).toEqual([1, 1, 1, 0]);
    expect(outstanding(controller)).toEqual([0, 0, 0, 0]);
  });

  it("says that all are busy, with the wait that the worker named", async () => {
    const controller = fleet.controller();
    await fleet.register(controller, await fleet.worker(answerStatus(503, { "retry-after": "7" })));
    await expect(controller.dispatch(dispatchRequest())).rejects.toMatchObject({
      code: "no_worker_available",
      details: { retryAfterSeconds: 7 },
    });
  });

  it("names a model that nobody serves and one whose workers are out differently", async () => {
    const controller = fleet.controller();
    await fleet.register(controller, await refusingUrl());
    await expect(controller.dispatch(dispatchRequest({ model: "none" }))).rejects.toMatchObject({
      code: "model_not_found",
    });
    await expect(controller.dispatch(dispatchRequest())).rejects.toMatchObject({ code: "upstream_failed" });
    await expect(controller.dispatch(dispatchRequest())).rejects.toMatchObject({
      code: "no_worker_available",
    });
  });
});

describe("a reset on a reused connection", () => {
  it("is retried once on the same worker over a new connection, and is not held against it", async () => {
    const controller = fleet.controller();
    const worker = await fleet.worker((response, scripted, number) => {
      if (number === 2) response.socket?.destroy();
      else answerOk(response, scripted, number);
    });
    const [id] = await fleet.register(controller, worker);
    await finished(controller);
    const answer = await controller.dispatch(dispatchRequest());
    expect(await text(answer.body)).toBe('{"ok":true}');
    expect(worker.requests).toHaveLength(3);
    expect(worker.connections()).toBe(2);
    expect(healths(controller)).toEqual({ [String(id)]: "healthy" });
    expect(outstanding(controller)).toEqual([0]);
  });

  it("counts as a failure when the new connection is reset as well", async () => {
    const controller = fleet.controller();
    const worker = await fleet.worker((response, scripted, number) => {
      if (number > 1) response.socket?.destroy();
      else answerOk(response, scripted, number);
    });
    const [id] = await fleet.register(controller, worker);
    await finished(controller);
    await expect(controller.dispatch(dispatchRequest())).rejects.toMatchObject({ code: "upstream_failed" });
    expect(worker.requests).toHaveLength(3);
    expect(healths(controller)).toEqual({ [String(id)]: "out" });
  });
});
