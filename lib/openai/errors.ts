import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { AppError, renderOpenAiError, toAppError } from "@/lib/errors";

/** What a caller should wait before the next try, in seconds, where the error does not say. */
const defaultRetryAfterSeconds = 1;

/** Fastify's error handler for everything under `/v1`: OpenAI's shape, so that the official clients raise their classes. */
export function replyWithOpenAiError(
  thrown: FastifyError | Error,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const error = asAppError(thrown);
  if (error.code === "internal") request.log.error({ err: error }, "request failed");
  if (error.status === 429 || error.status === 503) {
    reply.header("retry-after", String(error.details["retryAfterSeconds"] ?? defaultRetryAfterSeconds));
  }
  if (error.status === 401) reply.header("www-authenticate", "Bearer");
  const { allow } = error.details;
  if (error.status === 405 && typeof allow === "string") reply.header("allow", allow);
  return reply.code(error.status).send(renderOpenAiError(error));
}

/** Anything thrown in a `/v1` route, Fastify's own refusals of a body included. */
export function asAppError(thrown: FastifyError | Error): AppError {
  const status = (thrown as Partial<FastifyError>).statusCode;
  if (status === 413) return new AppError("payload_too_large", { cause: thrown });
  if (status === 415) return new AppError("unsupported_media_type", { cause: thrown });
  if (status === 400) return new AppError("invalid_request", { message: thrown.message, cause: thrown });
  return toAppError(thrown);
}

const routes: readonly { path: RegExp; methods: string }[] = [
  { path: /^\/v1\/models(\/|$)/, methods: "GET, HEAD" },
  { path: /^\/v1\/chat\/completions$/, methods: "POST" },
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
