import type { FastifyPluginAsync } from "fastify";
import type { Registry } from "prom-client";
import type { Controller } from "@/lib/controller";
import type { ServerEnv } from "@/lib/env";
import { createAuthenticate } from "./authenticate";
import { chatCompletions } from "./chat-completions";
import { noRouteError, replyWithOpenAiError } from "./errors";
import { createOpenAiMetrics } from "./metrics";
import { listModels, retrieveModel } from "./models";
import type { OpenAiLogger } from "./request-record";

export type OpenAiRoutesOptions = {
  controller: Pick<Controller, "dispatch" | "models">;
  env: Pick<ServerEnv, "ARENA_API_KEYS" | "ARENA_UPSTREAM_TIMEOUT_MS">;
  /** Gets one line for each completion. */
  logger: OpenAiLogger;
  /** Where the API's Prometheus metrics are registered. */
  metrics: Registry;
};

/** As large as a worker takes. */
const bodyLimitBytes = 8 * 1024 * 1024;

/**
 * The OpenAI-compatible API: `GET /v1/models`, `GET /v1/models/:id`, `POST /v1/chat/completions`. Everything under
 * `/v1`, unknown paths included, answers errors in OpenAI's shape. Register it without a prefix.
 *
 * Answers carry Fastify's `request.id` as `x-request-id`, and the worker gets it too: give Fastify a `genReqId`.
 */
export const openAiRoutes: FastifyPluginAsync<OpenAiRoutesOptions> = async (fastify, options) => {
  const { controller, env, logger } = options;
  const authenticate = createAuthenticate(env.ARENA_API_KEYS);
  const created = Math.floor(Date.now() / 1000);
  const complete = chatCompletions({
    controller,
    logger,
    metrics: createOpenAiMetrics(options.metrics),
    stallMs: env.ARENA_UPSTREAM_TIMEOUT_MS,
  });

  // Fastify scopes a not-found handler by the prefix with which the plugin was registered.
  await fastify.register(
    async (v1) => {
      v1.setErrorHandler(replyWithOpenAiError);
      v1.setNotFoundHandler((request) => {
        throw noRouteError(request.method, request.url);
      });
      v1.addHook("onRequest", async (request, reply) => {
        reply.header("x-request-id", request.id);
        // Before the body is looked at: a wrong path is no question of its media type.
        if (request.is404) throw noRouteError(request.method, request.url);
        authenticate(request);
      });
      // The worker gets the very bytes that came, so nothing but this API's own parser may touch them.
      v1.removeAllContentTypeParsers();
      v1.addContentTypeParser("application/json", { parseAs: "buffer" }, (_request, body, done) => {
        done(null, body);
      });

      v1.get("/models", () => listModels(controller, created));
      // Names may hold slashes, written as they are or as %2F.
      v1.get<{ Params: { "*": string } }>("/models/*", (request) =>
        retrieveModel(controller, request.params["*"], created),
      );
      v1.post("/chat/completions", { bodyLimit: bodyLimitBytes }, complete);
    },
    { prefix: "/v1" },
  );
};
