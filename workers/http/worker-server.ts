import { randomUUID } from "node:crypto";
import Fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance } from "fastify";
import { AppError, type ErrorCode, isAppError, renderOpenAiError, toAppError } from "@/lib/errors";
import type { OfferedModel } from "@/lib/protocol";
import { type ForwardingEngine, isForwarding } from "../engine/forwarding-engine";
import type { Engine } from "../engine/types";
import { chatCompletions } from "./chat-completions";
import { completions } from "./completions";
import { embeddings } from "./embeddings";
import { forwardRequests } from "./forward-requests";
import { metricsRoute } from "./metrics-route";
import { noRouteErrors } from "./no-route-error";
import { OpenRequests } from "./open-requests";
import { tokenize } from "./tokenize";
import { requireSecret } from "./worker-auth";
import { WorkerMetrics } from "./worker-metrics";

export type WorkerServerOptions = {
  engine: Engine | ForwardingEngine;
  /** The secret that `/v1` asks for; null: every call is refused. */
  secret(): string | null;
  logger: FastifyBaseLogger;
  /** Largest request body. */
  bodyLimitBytes?: number;
};

export type WorkerServer = {
  app: FastifyInstance;
  /** Errors: an `Error` with one clear sentence, e.g. for a taken port. */
  listen(host: string, port: number): Promise<{ port: number }>;
  /** See {@link OpenRequests.pause}. */
  pause(isPaused: boolean): void;
  /** See {@link OpenRequests.drain}; then closes the server. */
  close(drainMs: number): Promise<void>;
};

const defaultBodyLimitBytes = 8 * 1024 * 1024;
const lastBytesMs = 1000;

/** An OpenAI-style server over an engine: chats, completions, embeddings, tokens and models under `/v1`; `/health` and `/metrics` without a secret. */
export function createWorkerServer(options: WorkerServerOptions): WorkerServer {
  const { secret, logger } = options;
  const open = new OpenRequests();
  const metrics = new WorkerMetrics(options.engine, open);
  const engine = isForwarding(options.engine) ? options.engine : metrics.measured(options.engine);
  const created = Math.floor(Date.now() / 1000);
  const listed = ({ name, organization, contextLength, capabilities }: OfferedModel) => ({
    id: name,
    object: "model",
    created,
    owned_by: organization ?? "",
    // As vLLM has it. Both are what a worker in front of this one learns.
    max_model_len: contextLength,
    capabilities,
  });
  const app: FastifyInstance = Fastify({
    loggerInstance: logger,
    logController: new Fastify.LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimitBytes ?? defaultBodyLimitBytes,
    genReqId: (request) => requestId(request.headers["x-request-id"]),
    http: { noDelay: true },
  });

  // Fastify's own default; here a body is JSON or refused.
  app.removeContentTypeParser("text/plain");
  app.setErrorHandler((cause: FastifyError, request, reply) => {
    const error = fromFastify(cause);
    if (error.status >= 500) request.log.error({ err: cause }, "a request failed");
    else request.log.debug({ code: error.code, param: error.param }, "a request was refused");
    const { retryAfterSeconds, allow } = error.details;
    if (typeof retryAfterSeconds === "number") reply.header("retry-after", retryAfterSeconds);
    if (typeof allow === "string") reply.header("allow", allow);
    return reply.code(error.status).send(renderOpenAiError(error));
  });
  const noRouteError = noRouteErrors(app);
  app.setNotFoundHandler((request) => {
    throw noRouteError(request);
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });

  app.get("/health", (_request, reply) => {
    const isAway = isForwarding(engine) && !engine.isAvailable;
    if (isAway) reply.code(503);
    return {
      status: open.isDraining ? "draining" : isAway ? "engine_away" : "ok",
      models: engine.models().map((model) => model.name),
      slots: engine.info().slots,
      device: engine.info().device,
      ...engine.status(),
    };
  });
  app.get("/metrics", metricsRoute(metrics));
  // The hook belongs to the scope, not to a comparison of paths: the router also takes `/%761/models` for `/v1/models`.
  app.register(
    async (v1) => {
      v1.addHook("onRequest", async (request) => requireSecret(request.headers.authorization, secret()));
      v1.setNotFoundHandler((request) => {
        throw noRouteError(request);
      });
      v1.get("/models", () => ({ object: "list", data: engine.models().map(listed) }));
      if (isForwarding(engine)) {
        forwardRequests(v1, engine, open, metrics);
      } else {
        v1.post("/chat/completions", chatCompletions(engine, open));
        v1.post("/completions", completions(engine, open));
        v1.post("/embeddings", embeddings(engine, open));
        v1.post("/tokenize", tokenize(engine));
      }
    },
    { prefix: "/v1" },
  );

  return {
    app,
    async listen(host, port) {
      try {
        await app.listen({ host, port });
      } catch (cause) {
        const isTaken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
        const reason = isTaken ? "the port is taken" : cause instanceof Error ? cause.message : String(cause);
        throw new Error(`The worker cannot listen on ${host}:${port}: ${reason}.`, { cause });
      }
      const address = app.server.address();
      return { port: typeof address === "object" && address !== null ? address.port : port };
    },
    pause: (isPaused) => open.pause(isPaused),
    async close(drainMs) {
      await open.drain(drainMs);
      const closed = app.close();
      // What has been written may still be on its way to a slow reader; it gets a moment, not for ever.
      const timer = setTimeout(() => app.server.closeAllConnections(), lastBytesMs);
      try {
        await closed;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

const fastifyCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_INVALID_JSON_BODY: "invalid_json",
  FST_ERR_CTP_EMPTY_JSON_BODY: "invalid_json",
  FST_ERR_CTP_BODY_TOO_LARGE: "payload_too_large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported_media_type",
};

function fromFastify(cause: FastifyError): AppError {
  if (isAppError(cause)) return cause;
  // A body that the parser refuses (also for a `__proto__` key) is the client's fault, whatever its code.
  const code = fastifyCodes[cause.code] ?? (cause.statusCode === 400 ? "invalid_json" : null);
  return code === null ? toAppError(cause) : new AppError(code, { cause });
}

function requestId(header: string | string[] | undefined): string {
  return typeof header === "string" && /^[\w.:-]{1,128}$/.test(header) ? header : randomUUID();
}
