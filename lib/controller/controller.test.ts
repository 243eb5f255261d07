import { text } from "node:stream/consumers";
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

describe("dispatch", () => {
  it("sends the original bytes with the worker's secret and hands back its bytes", async () => {
    const controller = controllerOf();
    const worker = await workerOf((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end("data: {}\n\ndata: [DONE]\n\n");
    });
    const { workerId, secret } = await controller.register(testJoinToken, registration(worker.url));
    const answer = await controller.dispatch(request({ body: '{"model":"demo", "x": "é"}' }));
    expect(answer.status).toBe(200);
    expect(answer.contentType).toBe("text/event-stream");
    expect(answer.workerId).toBe(workerId);
    expect(await text(answer.body)).toBe("data: {}\n\ndata: [DONE]\n\n");
    expect(worker.requests[0]).toMatchObject({
      path: "/v1/chat/completions",
      body: '{"model":"demo", "x": "é"}',
      headers: { authorization: `Bearer ${secret}`, "x-request-id": "request-1" },
    });
    expect(controller.workers()[0]?.outstanding).toBe(0);
  });
});
