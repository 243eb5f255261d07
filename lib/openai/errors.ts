import type { FastifyReply, FastifyRequest } from "fastify";
import { AppError, renderOpenAiError } from "@/lib/errors";
import { toHttpError } from "@/lib/http";

/** What a caller should wait before the next try, in seconds, where the error does not say. */
const defaultRetryAfterSeconds = 1;

/** Which limit a refused request has met; OpenAI tells it in the message alone. */
export const limitNameHeader = "x-ratelimit-limit-name";

/** Fastify's error handler for everything under `/v1`: OpenAI's shape, so that the official clients raise their classes. */
export function replyWithOpenAiError(
  thrown: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const error = toHttpError(thrown);
  if (error.code === "internal") request.log.error({ err: error, requestId: request.id }, "request failed");
  if (error.status === 429 || error.status === 503) {
    reply.header("retry-after", String(error.details["retryAfterSeconds"] ?? defaultRetryAfterSeconds));
  }
  const { rateLimitHeaders, limit } = error.details;
  if (typeof limit === "string") reply.header(limitNameHeader, limit);
  if (typeof rateLimitHeaders === "object" && rateLimitHeaders !== null) {
    reply.headers(rateLimitHeaders as Record<string, string>);
  }
  if (error.status === 401) reply.header("www-authenticate", "Bearer");
  const { allow } = error.details;
  if (error.status === 405 && typeof allow === "string") reply.header("allow", allow);
  return reply.code(error.status).send(renderOpenAiError(error));
}

const posts = /^\/v1\/(?:chat\/completions|completions|embeddings|responses|tokenize)$/;
const routes: readonly { path: RegExp; methods: string }[] = [
  { path: /^\/v1\/(?:models(?:\/|$)|openapi\.json$)/, methods: "GET, HEAD" },
  { path: posts, methods: "POST" },
];

/** For a request that no route takes: 405 where another method would do, else 404. */
export function noRouteError(method: string, url: string): AppError {
  const path = url.split("?", 1)[0] ?? url;
  const route = routes.find((candidate) => candidate.path.test(path));
  if (route !== undefined && !route.methods.split(", ").includes(method)) {
    return new AppError("method_not_allowed", {
      message: `Not allowed to ${method} on ${path}; use ${route.methods}.`,
      details: { allow: route.methods },
    });
  }
  return new AppError("not_found", { message: `Invalid URL (${method} ${path})` });
}
