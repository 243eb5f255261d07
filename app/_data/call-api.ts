import type { z } from "zod";
import { isErrorCode } from "@/lib/errors";
import { ApiError, toApiError } from "./api-error";

const timeoutMs = 30_000;

type CallOptions = {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** A file goes as it is, anything else as JSON. */
  body?: unknown;
  signal?: AbortSignal;
};

/** One call of our own API. Errors: {@link ApiError}, also where the answer does not follow its schema. */
export async function callApi<T>(path: string, schema: z.ZodType<T>, options: CallOptions = {}): Promise<T> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = options.signal === undefined ? timeout : AbortSignal.any([options.signal, timeout]);
  try {
    const response = await fetch(path, {
      method: options.method ?? "GET",
      ...(options.body === undefined ? {} : encoded(options.body)),
      cache: "no-store",
      signal,
    });
    if (!response.ok) throw await errorOf(response);
    const parsed = schema.safeParse(response.status === 204 ? null : await response.json());
    if (!parsed.success) throw new ApiError("unexpected", {}, parsed.error);
    return parsed.data;
  } catch (error) {
    throw toApiError(error);
  }
}

function encoded(body: unknown): Pick<RequestInit, "headers" | "body"> {
  if (body instanceof Blob) return { headers: { "content-type": body.type }, body };
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** The error that a response of our API carries; `Retry-After` is taken where the body names no time. */
export async function errorOf(response: Response): Promise<ApiError> {
  // What stands between us and the server may answer in words of its own, not JSON: then the status has to do.
  const body: unknown = await response.json().catch(() => null);
  const error = isRecord(body) && isRecord(body.error) ? body.error : {};
  const details = isRecord(error.details) ? { ...error.details } : {};
  const retryAfter = Number(response.headers.get("retry-after"));
  if (details.retryAfterSeconds === undefined && retryAfter > 0) details.retryAfterSeconds = retryAfter;
  const said = typeof error.message === "string" ? error.message : null;
  if (isErrorCode(error.code)) return new ApiError(error.code, details, undefined, said);
  return new ApiError(response.status >= 500 ? "internal" : "unexpected", details);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
