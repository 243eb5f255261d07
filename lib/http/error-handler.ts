import type { FastifyError, FastifyReply, FastifyRequest } from "fastify";
import { databaseError } from "@/lib/db";
import { AppError, isAppError, renderJsonError } from "@/lib/errors";

/** Fastify's own refusals in our words. */
const fastifyCodes = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "unsupported_media_type",
  FST_ERR_CTP_BODY_TOO_LARGE: "payload_too_large",
  FST_ERR_CTP_EMPTY_JSON_BODY: "invalid_json",
  FST_ERR_CTP_INVALID_JSON_BODY: "invalid_json",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "invalid_request",
} as const;

/** Whatever was thrown, as one of our errors. A database that is away is said so; all else unknown is `internal`. */
export function toHttpError(thrown: unknown): AppError {
  const error = databaseError(thrown);
  if (isAppError(error)) return error;
  const { code, statusCode } = error as Partial<FastifyError>;
  if (code !== undefined && code in fastifyCodes) {
    return new AppError(fastifyCodes[code as keyof typeof fastifyCodes], { cause: error });
  }
  if (error instanceof SyntaxError && statusCode === 400)
    return new AppError("invalid_json", { cause: error });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new AppError("invalid_request", { cause: error });
  }
  return new AppError("internal", { cause: error });
}

/** For `setErrorHandler` of the `/api` routes: our JSON shape, and a log line for what is our fault. */
export function handleApiError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const known = toHttpError(error);
  const isOurFault = known.status >= 500 && known.code !== "shutting_down";
  if (isOurFault) request.log.error({ err: error, requestId: request.id }, "request failed");
  const { retryAfterSeconds = known.code === "shutting_down" ? 1 : null } = known.details;
  if (typeof retryAfterSeconds === "number") reply.header("retry-after", String(retryAfterSeconds));
  reply.status(known.status).send(renderJsonError(known));
}
