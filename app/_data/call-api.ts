import type { z } from "zod";
import { errorTable, isErrorCode } from "@/lib/errors";
import { ApiError, toApiError } from "./api-error";

/** For each request; a challenge between two of them has its own time. */
const timeoutMs = 30_000;
/** A solution may come too late, where a phone slept meanwhile, or from another network than the first request. */
const maxChallenges = 2;

/** The site asks for proof that a browser is at work before it takes the request. */
const challengeStatusCode = errorTable.challenge_required.status;

type CallOptions = {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** A file goes as it is, anything else as JSON. */
  body?: unknown;
  signal?: AbortSignal;
  /** Once it is aborted nothing more is sent: a challenge is given up, but what is on its way is heard to its end. Default: `signal`. */
  until?: AbortSignal;
  /** Sent to its end also where the page is left. */
  keepalive?: boolean;
};

/** One call of our own API. Errors: {@link ApiError}, also where the answer does not follow its schema. */
export async function callApi<T>(path: string, schema: z.ZodType<T>, options: CallOptions = {}): Promise<T> {
  const { until = options.signal } = options;
  try {
    let response = await send(path, options);
    for (let asked = 0; response.status === challengeStatusCode; asked += 1) {
      const error = await errorOf(response);
      if (asked === maxChallenges) throw new ApiError("challenge_failed", {}, error);
      const { answerChallenge } = await import("./challenge/answer-challenge");
      response = await send(path, options, await answerChallenge(error.details.challenge, until));
    }
    if (!response.ok) throw await errorOf(response);
    const parsed = schema.safeParse(response.status === 204 ? null : await response.json());
    if (!parsed.success) throw new ApiError("unexpected", {}, parsed.error);
    return parsed.data;
  } catch (error) {
    throw toApiError(error);
  }
}

function send(
  path: string,
  { method = "GET", body, signal: left, keepalive = false }: CallOptions,
  more: Record<string, string> = {},
): Promise<Response> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const signal = left === undefined ? timeout : AbortSignal.any([left, timeout]);
  const { headers, ...rest } = body === undefined ? {} : encoded(body);
  const sent = {
    method,
    ...rest,
    headers: { ...headers, ...more },
    cache: "no-store",
    signal,
    keepalive,
  } as const;
  return fetch(path, sent);
}

function encoded(body: unknown): { headers?: Record<string, string>; body?: BodyInit } {
  if (body instanceof Blob) return { headers: { "content-type": body.type }, body };
  return { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/**
 * The error that a response of our API carries; `Retry-After` is taken where the body names no time. Rejects where the connection
 * breaks within the body, as `fetch` does.
 */
export async function errorOf(response: Response): Promise<ApiError> {
  const body = parseJson(await response.text());
  const error = isRecord(body) && isRecord(body.error) ? body.error : {};
  const details = isRecord(error.details) ? { ...error.details } : {};
  const retryAfter = Number(response.headers.get("retry-after"));
  if (details.retryAfterSeconds === undefined && retryAfter > 0) details.retryAfterSeconds = retryAfter;
  const said = typeof error.message === "string" ? error.message : null;
  if (isErrorCode(error.code)) return new ApiError(error.code, details, undefined, said);
  return new ApiError(response.status >= 500 ? "internal" : "unexpected", details);
}

/** What stands between us and the server may answer in words of its own, not JSON: null, and the status has to do. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
