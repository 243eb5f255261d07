import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import fastify, { type FastifyInstance } from "fastify";
import { Registry } from "prom-client";
import type { RequestAccounting } from "@/lib/accounts";
import type { ControllerService } from "@/lib/controller";
import type { Capability } from "@/lib/protocol";
import type { RequestTracer } from "@/lib/tracing";
import {
  createTestController,
  offeredModel,
  registration,
  type Script,
  type ScriptedWorker,
  startScriptedWorker,
  testJoinToken,
} from "../controller/test-support";
import type { Authenticate } from "./authenticate";
import { openAiRoutes } from "./routes";

/** For tests: the API on a free port of 127.0.0.1 over a controller with one scripted worker that offers "demo". */
export type TestApi = {
  app: FastifyInstance;
  baseUrl: string;
  controller: ControllerService;
  worker: ScriptedWorker;
  workerId: string;
  /** One entry for each completion that is over. */
  log: Record<string, unknown>[];
  metrics: Registry;
  /** Over a real socket: an injected request has no connection that could tell a whole stream from a broken one. */
  ask(
    path: string,
    body: object,
    options?: { headers?: Record<string, string>; signal?: AbortSignal },
  ): Promise<Response>;
  /** The same, with all of the answer. */
  post(path: string, body: object, headers?: Record<string, string>): Promise<TestAnswer>;
  close(): Promise<void>;
};

type TestAnswer = { status: number; headers: Record<string, string>; text: string };

/** What is in an answer that is an error of OpenAI's shape. */
export const errorOf = ({ text }: TestAnswer) => JSON.parse(text).error;

export async function startTestApi(
  script: Script,
  options: {
    keys?: string[];
    upstreamTimeoutMs?: number;
    corsOrigins?: string[];
    accounting?: RequestAccounting;
    /** What "demo" can do. Default: everything that an endpoint asks for. */
    capabilities?: Capability[];
    tracer?: RequestTracer;
    /** Default: by `keys`. */
    authenticate?: Authenticate;
  } = {},
): Promise<TestApi> {
  const log: Record<string, unknown>[] = [];
  const metrics = new Registry();
  const capabilities = options.capabilities ?? ["chat", "completion", "embedding"];
  const upstreamTimeoutMs = options.upstreamTimeoutMs ?? 5_000;
  const controller = createTestController({ upstreamTimeoutMs, metrics });
  const worker = await startScriptedWorker(script);
  const { workerId } = await controller.register(
    testJoinToken,
    registration(worker.url, { models: [{ ...offeredModel("demo"), capabilities }] }),
  );
  const app = fastify({ genReqId: () => randomUUID(), forceCloseConnections: true });
  await app.register(openAiRoutes, {
    controller,
    env: {
      ARENA_API_KEYS: options.keys ?? [],
      ARENA_CORS_ORIGINS: options.corsOrigins ?? [],
      ARENA_UPSTREAM_TIMEOUT_MS: upstreamTimeoutMs,
    },
    accounting: options.accounting,
    ...(options.authenticate === undefined ? {} : { authenticate: options.authenticate }),
    tracer: options.tracer ?? null,
    logger: { info: (fields) => log.push(fields as Record<string, unknown>) },
    metrics,
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  const ask: TestApi["ask"] = (path, body, { headers = {}, signal } = {}) =>
    fetch(baseUrl + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });
  return {
    app,
    baseUrl,
    ask,
    post: async (path, body, headers = {}) => {
      const response = await ask(path, body, { headers });
      const { status } = response;
      return { status, headers: Object.fromEntries(response.headers), text: await response.text() };
    },
    controller,
    worker,
    workerId,
    log,
    metrics,
    close: async () => {
      await app.close();
      await controller.close();
      await worker.close();
    },
  };
}

export const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };

const created = 1_700_000_000;

export function completion(text: string): string {
  const message = { role: "assistant", content: text };
  const choices = [{ index: 0, message, logprobs: null, finish_reason: "stop" }];
  return JSON.stringify({
    id: "chatcmpl-1",
    object: "chat.completion",
    created,
    model: "demo",
    choices,
    usage,
  });
}

/** One frame of a stream; `null` is the frame that carries the usage. */
export function frame(text: string | null): string {
  const choices = text === null ? [] : [{ index: 0, delta: { content: text }, finish_reason: null }];
  const chunk = { id: "chatcmpl-1", object: "chat.completion.chunk", created, model: "demo", choices };
  return `data: ${JSON.stringify(text === null ? { ...chunk, usage } : chunk)}\n\n`;
}

/** As OpenAI does it where the usage is asked for: every chunk has one, null in all but the last. */
export function nullUsageFrame(text: string): string {
  return frame(text).replace(/\}\n\n$/, ',"usage":null}\n\n');
}

/** Answers like a worker: "Hello, wörld 😀" as JSON or as a stream. */
export const politeWorker: Script = (response, request) => {
  const asked = JSON.parse(request.body) as {
    stream?: boolean;
    stream_options?: { include_usage?: boolean };
  };
  if (asked.stream !== true) {
    response.writeHead(200, { "content-type": "application/json" }).end(completion("Hello, wörld 😀"));
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8" });
  const hasUsage = asked.stream_options?.include_usage === true;
  for (const text of ["Hello", ", wörld", " 😀"])
    response.write(hasUsage ? nullUsageFrame(text) : frame(text));
  if (hasUsage) response.write(frame(null));
  response.end("data: [DONE]\n\n");
};
