import "./fastify-types";
import cors from "@fastify/cors";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { Registry } from "prom-client";
import { type ApiCaller, checkEndpoint, type RequestAccounting } from "@/lib/accounts";
import type { Controller } from "@/lib/controller";
import type { ServerEnv } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { openApiDocument } from "@/lib/openai-schema";
import type { RequestTracer } from "@/lib/tracing";
import { noAccounting } from "./accounting";
import { type Authenticate, createAuthenticate } from "./authenticate";
import { limitNameHeader, noRouteError, replyWithOpenAiError } from "./errors";
import { createOpenAiMetrics } from "./metrics";
import { listModels, retrieveModel } from "./models";
import { chatEndpoint, completionsEndpoint, embeddingsEndpoint, tokenizeEndpoint } from "./relayed-endpoints";
import type { OpenAiLogger } from "./request-record";
import { createRequireCapability } from "./require-capability";
import { responsesEndpoint } from "./responses/responses-endpoint";
import { RunningAnswers } from "./running-answers";
import { type Endpoint, serveEndpoint } from "./serve-endpoint";

export type OpenAiRoutesOptions = {
  controller: Pick<Controller, "dispatch" | "models">;
  env: Pick<ServerEnv, "ARENA_API_KEYS" | "ARENA_CORS_ORIGINS" | "ARENA_UPSTREAM_TIMEOUT_MS">;
  /** Gets one line for each request to a model. */
  logger: OpenAiLogger;
  /** Where the API's Prometheus metrics are registered. */
  metrics: Registry;
  /** Who calls. Default: by the keys of the environment alone. */
  authenticate?: Authenticate;
  /** What a stop of the process waits for. Default: nothing is waited for. */
  running?: RunningAnswers;
  /** Limits and usage. Default: everyone is admitted and nothing is counted. */
  accounting?: RequestAccounting;
  /** Default: nothing is traced. */
  tracer?: RequestTracer | null;
};

/** As large as a worker takes. */
const bodyLimitBytes = 8 * 1024 * 1024;

/** What OpenAI's own answers carry; some clients read it. */
const openAiVersion = "2020-10-01";

/** Headers that a page of another site may read. */
const exposedHeaders = [
  "openai-processing-ms",
  "openai-version",
  "retry-after",
  "x-request-id",
  limitNameHeader,
  ...["limit", "remaining", "reset"].flatMap((word) => [
    `x-ratelimit-${word}-requests`,
    `x-ratelimit-${word}-tokens`,
  ]),
];

const posts: readonly (readonly [path: string, endpoint: Endpoint])[] = [
  ["/chat/completions", chatEndpoint],
  ["/completions", completionsEndpoint],
  ["/embeddings", embeddingsEndpoint],
  ["/responses", responsesEndpoint],
  ["/tokenize", tokenizeEndpoint],
];

/**
 * The OpenAI-compatible API: models, chats, raw completions, embeddings, responses, token counts, and `GET
 * /v1/openapi.json`, which describes them. Everything under `/v1`, unknown paths included, answers errors in OpenAI's
 * shape. Register it without a prefix.
 *
 * Answers carry Fastify's `request.id` as `x-request-id`, and the worker gets it too: give Fastify a `genReqId`.
 */
export const openAiRoutes: FastifyPluginAsync<OpenAiRoutesOptions> = async (fastify, options) => {
  const { controller, env, logger, accounting = noAccounting } = options;
  const authenticate = options.authenticate ?? createAuthenticate(env.ARENA_API_KEYS);
  const created = Math.floor(Date.now() / 1000);
  const deps = {
    controller,
    accounting,
    requireCapability: createRequireCapability(controller),
    running: options.running ?? new RunningAnswers(),
    logger,
    metrics: createOpenAiMetrics(options.metrics),
    stallMs: env.ARENA_UPSTREAM_TIMEOUT_MS,
    tracer: options.tracer ?? null,
  };
  const openApi = JSON.stringify(openApiDocument());

  // Fastify scopes a not-found handler by the prefix with which the plugin was registered.
  await fastify.register(
    async (v1) => {
      v1.decorateRequest("apiCaller", null);
      v1.setErrorHandler(replyWithOpenAiError);
      v1.setNotFoundHandler((request) => {
        throw noRouteError(request.method, request.url);
      });
      // Hooks with callbacks, because promises would cost every request turns of the microtask queue.
      v1.addHook("onRequest", (request: FastifyRequest, reply: FastifyReply, done: () => void) => {
        reply.header("x-request-id", request.id);
        reply.header("openai-version", openAiVersion);
        done();
      });
      if (env.ARENA_CORS_ORIGINS.length > 0) {
        // Before the key is asked for: a browser's preflight carries none.
        await v1.register(cors, {
          origin: env.ARENA_CORS_ORIGINS,
          exposedHeaders,
          methods: ["GET", "HEAD", "POST"],
          maxAge: 600,
          strictPreflight: false,
        });
      }
      v1.addHook("onRequest", (request: FastifyRequest, _reply: FastifyReply, done: DoneFunction) => {
        // Before the body is looked at: a wrong path is no question of its media type.
        if (request.is404) throw noRouteError(request.method, request.url);
        if (request.routeOptions.config.isOpen === true) {
          done();
          return;
        }
        const found = authenticate(request);
        if (found instanceof Promise) {
          found.then(({ caller }) => enter(request, caller)).then(() => done(), done);
          return;
        }
        enter(request, found.caller);
        done();
      });
      // The worker gets the very bytes that came, so nothing but this API's own parser may touch them.
      v1.removeAllContentTypeParsers();
      v1.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
        done(null, body);
      });

      v1.get("/openapi.json", { config: { isOpen: true } }, (_request, reply) =>
        reply.type("application/json").header("cache-control", "public, max-age=300").send(openApi),
      );
      v1.get("/models", ({ apiCaller }) => {
        checkEndpoint(apiCaller, "models");
        return listModels(controller, apiCaller, created);
      });
      // Names may hold slashes, written as they are or as %2F.
      v1.get<{ Params: { "*": string } }>("/models/*", ({ apiCaller, params }) => {
        checkEndpoint(apiCaller, "models");
        return retrieveModel(controller, apiCaller, params["*"], created);
      });
      for (const [path, endpoint] of posts) {
        v1.post(path, { bodyLimit: bodyLimitBytes }, serveEndpoint(deps, endpoint));
      }
    },
    { prefix: "/v1" },
  );
};

type DoneFunction = (error?: Error) => void;

/** Errors: `unsupported_media_type`. */
function enter(request: FastifyRequest, caller: ApiCaller | null): void {
  request.apiCaller = caller;
  requirePlainBody(request);
}

/** A compressed body would be read as broken JSON. Errors: `unsupported_media_type`. */
function requirePlainBody({ headers }: FastifyRequest): void {
  const encoding = headers["content-encoding"];
  if (encoding === undefined || encoding === "identity") return;
  throw new AppError("unsupported_media_type", {
    message: `A body with content-encoding ${encoding} is not taken; send it as it is.`,
  });
}
