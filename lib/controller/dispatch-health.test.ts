import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { AppError, renderSseError } from "@/lib/errors";
import type { ControllerService } from "./controller";
import {
  answerOk,
  beginStream,
  dispatchRequest,
  healths,
  outstanding,
  registration,
  type Script,
  TestFleet,
  testJoinToken,
} from "./test-support";

const fleet = new TestFleet();

afterEach(() => fleet.close());

/** A worker that holds every answer, by request id. */
async function holdingWorker() {
  const held = new Map<string, ServerResponse>();
  const worker = await fleet.worker((response, { headers }) => {
    held.set(String(headers["x-request-id"]), response);
  });
  return { ...worker, held };
}

const errorsInARow = (controller: ControllerService, id: string | undefined): number | undefined =>
  controller.workers().find((worker) => worker.id === id)?.errorsInARow;

describe("an answer that comes as a whole", () => {
  it("may take longer than a stream's first byte", async () => {
    const controller = fleet.controller({ upstreamTimeoutMs: 200, wholeAnswerTimeoutMs: 60_000 });
    const worker = await holdingWorker();
    await fleet.register(controller, worker);
    const whole = controller.dispatch(dispatchRequest({ requestId: "whole", isWhole: true }));
    await expect.poll(() => worker.held.size).toBe(1);
    const stream = controller.dispatch(dispatchRequest({ requestId: "stream" }));
    await expect(stream).rejects.toMatchObject({ code: "upstream_timeout" });
    worker.held.get("whole")?.writeHead(200, { "content-type": "application/json" }).end("{}");
    expect(await text((await whole).body)).toBe("{}");
  });

  it("must come on without a pause once it has begun", async () => {
    const controller = fleet.controller({ upstreamTimeoutMs: 200, wholeAnswerTimeoutMs: 60_000 });
    await fleet.register(controller, await fleet.worker(beginStream));
    const answer = await controller.dispatch(dispatchRequest({ isWhole: true }));
    await expect(text(answer.body)).rejects.toMatchObject({ code: "upstream_timeout" });
  });

  it("is tried nowhere else when its time is over: it would take as long again", async () => {
    const controller = fleet.controller({ upstreamTimeoutMs: 60_000, wholeAnswerTimeoutMs: 200 });
    const other = await fleet.worker(answerOk);
    await fleet.register(controller, await holdingWorker(), other);
    const whole = controller.dispatch(dispatchRequest({ isWhole: true }));
    await expect(whole).rejects.toMatchObject({ code: "upstream_timeout" });
    expect(other.requests).toEqual([]);
    expect(outstanding(controller)).toEqual([0, 0]);
  });
});

describe("an answer that is late", () => {
  it.each([
    ["is the request's own matter while the worker's other answers flow", true],
    ["is held against a worker that sends nothing at all, and another is asked", false],
  ])("%s", async (_name, isFlowing) => {
    const controller = fleet.controller({ upstreamTimeoutMs: 400 });
    let flow: NodeJS.Timeout | undefined;
    const worker = await fleet.worker((response, _request, number) => {
      if (number > 1) return;
      response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
      if (isFlowing) flow = setInterval(() => response.write("data: 2\n\n"), 20);
    });
    const [id] = await fleet.register(controller, worker);
    const abort = new AbortController();
    const flowing = await controller.dispatch(dispatchRequest({ signal: abort.signal }));
    // It must read, or its worker is held up.
    flowing.body.resume();
    const late = controller.dispatch(dispatchRequest());
    await expect.poll(() => worker.requests.length).toBe(2);
    const other = await fleet.worker(answerOk);
    await fleet.register(controller, other);
    if (isFlowing) {
      await expect(late).rejects.toMatchObject({ code: "upstream_timeout" });
      expect(errorsInARow(controller, id)).toBe(0);
      expect(other.requests).toEqual([]);
    } else {
      expect(await text((await late).body)).toBe('{"ok":true}');
      expect(errorsInARow(controller, id)).toBeGreaterThan(0);
    }
    clearInterval(flow);
    abort.abort();
  });
});

/** A controller with a worker in a pool of its own and another one, so that errors may eject the first. */
async function besideAnother(script: Script) {
  const controller = fleet.controller({ upstreamTimeoutMs: 200 });
  const worker = await fleet.worker(script);
  const { workerId } = await controller.register(testJoinToken, registration(worker.url, { pool: "east" }));
  await fleet.register(controller, await fleet.worker(answerOk));
  const ask = async (): Promise<string> => {
    const answer = await controller.dispatch(dispatchRequest({ pools: ["east"] }));
    return await text(answer.body);
  };
  return { controller, workerId, ask };
}

const piece = 'data: {"choices":[]}\n\n';

describe("a worker that fails after its first byte", () => {
  it.each<[string, Script]>([
    ["stalls", beginStream],
    [
      "breaks the framing",
      (response, request, number) => {
        beginStream(response, request, number);
        setImmediate(() => response.socket?.write("not a chunk\r\n"));
      },
    ],
  ])("is ejected when it does so time after time: %s", async (_name, script) => {
    const { controller, workerId, ask } = await besideAnother(script);
    for (let i = 1; i <= 5; i += 1) {
      expect(healths(controller)[workerId]).toBe("healthy");
      await expect(ask()).rejects.toMatchObject({ code: expect.stringMatching(/^upstream_/) });
    }
    expect(healths(controller)[workerId]).toBe("ejected");
  });

  it("is ejected when it resets and answers probes in between", async () => {
    const { controller, workerId, ask } = await besideAnother((response, request, number) => {
      beginStream(response, request, number);
      setImmediate(() => response.socket?.resetAndDestroy());
    });
    await controller.start();
    for (let i = 1; i <= 5; i += 1) {
      await expect.poll(() => healths(controller)[workerId]).toBe("healthy");
      await expect(ask()).rejects.toMatchObject({ code: "upstream_failed" });
    }
    await expect.poll(() => healths(controller)[workerId]).toBe("ejected");
  });

  it("is ejected when it ends its streams with errors, which the callers get", async () => {
    const sent = piece + renderSseError(new AppError("internal"));
    const { controller, workerId, ask } = await besideAnother((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" }).end(sent);
    });
    for (let i = 1; i <= 5; i += 1) expect(await ask()).toBe(sent);
    expect(healths(controller)[workerId]).toBe("ejected");
  });

  it.each([
    [
      "an answer that was whole between them",
      (i: number) => (i % 4 === 0 ? `${piece}data: [DONE]\n\n` : null),
    ],
    [
      "errors that the request itself has made",
      () => piece + renderSseError(new AppError("context_length_exceeded")),
    ],
  ])("stays with %s", async (_name, sentAt) => {
    let count = 0;
    const { controller, workerId, ask } = await besideAnother((response) => {
      count += 1;
      const sent = sentAt(count) ?? piece + renderSseError(new AppError("internal"));
      response.writeHead(200, { "content-type": "text/event-stream" }).end(sent);
    });
    for (let i = 1; i <= 9; i += 1) await ask();
    expect(healths(controller)[workerId]).toBe("healthy");
  });

  it("has succeeded with its last frame, also for a reader that does not wait for the end", async () => {
    const { controller, workerId, ask } = await besideAnother((response, _request, number) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      if (number === 5) response.write(`${piece}data: [DONE]\n\n`);
      else response.end(piece + renderSseError(new AppError("internal")));
    });
    for (let i = 1; i <= 4; i += 1) await ask();
    const answer = await controller.dispatch(dispatchRequest({ pools: ["east"] }));
    await once(answer.body, "data");
    answer.body.destroy();
    await once(answer.body, "close");
    expect(errorsInARow(controller, workerId)).toBe(0);
  });
});
