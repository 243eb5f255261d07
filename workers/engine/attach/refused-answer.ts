import { z } from "zod";
import { AppError, type ErrorCode } from "@/lib/errors";

export type RefusedAnswer = {
  status: number;
  contentType: string;
  retryAfter: string | null;
  /** The body, as far as it was read. */
  text: string;
};

export type RefusedResult =
  /** The engine's own words reach the client: they speak of the request. */
  { kind: "pass"; status: number; body: string } | { kind: "error"; error: AppError };

/** OpenAI's form; `code` is a number at llama-server. */
const openAiSchema = z.object({ error: z.looseObject({ message: z.string().min(1) }) });
/** Other forms of a sentence: older vLLM, TGI, FastAPI. */
const plainSchema = z.union([
  z.object({ message: z.string().min(1) }).transform(({ message }) => message),
  z.object({ error: z.string().min(1) }).transform(({ error }) => error),
  z.object({ detail: z.string().min(1) }).transform(({ detail }) => detail),
  z
    .object({
      detail: z.array(z.object({ loc: z.array(z.union([z.string(), z.number()])), msg: z.string() })).min(1),
    })
    .transform(({ detail }) =>
      detail.map(({ loc, msg }) => `${loc.filter((part) => part !== "body").join(".")}: ${msg}`).join("; "),
    ),
]);

const clientCodes: Readonly<Record<number, ErrorCode>> = {
  404: "not_found",
  413: "payload_too_large",
  415: "unsupported_media_type",
};

/**
 * What a client is told when the engine did not answer with success. A refusal of the request is handed on as it is where
 * it has OpenAI's form, and brought into it otherwise. What concerns the worker (its key, its quota, a redirect, a page
 * of a proxy) is never the client's fault, so its text is not handed on either.
 */
export function refusedAnswer({ status, retryAfter, text, contentType }: RefusedAnswer): RefusedResult {
  const fail = (code: ErrorCode, message: string, details: Record<string, unknown> = {}): RefusedResult => ({
    kind: "error",
    error: new AppError(code, { message, details, cause: new Error(`The engine answered ${status}.`) }),
  });
  const seconds = retryAfterSeconds(retryAfter, Date.now());
  const details = seconds === null ? {} : { retryAfterSeconds: seconds };
  if (status === 429) return fail("rate_limited", "The engine takes no more requests just now.", details);
  if (status === 503) return fail("no_worker_available", "The engine is not free just now.", details);
  if (status === 408 || status === 504) return fail("upstream_timeout", "The engine did not answer in time.");
  if (status === 501) {
    const { message = "The engine does not do this." } = parseError(text) ?? {};
    return fail("unsupported_parameter", message);
  }
  // 402: the operator's account is empty. 407: a proxy before the engine wants credentials.
  const isOurs = status === 401 || status === 402 || status === 403 || status === 407;
  if (isOurs || status < 400 || status >= 500) {
    return fail("upstream_failed", "The engine failed before it had answered.");
  }
  const parsed = /json/i.test(contentType) ? parseError(text) : null;
  if (parsed?.isOpenAi === true) return { kind: "pass", status, body: text };
  return fail(
    clientCodes[status] ?? "invalid_request",
    parsed?.message ?? `The engine refused the request with status ${status}.`,
  );
}

/** Seconds or a date (RFC 9110, 10.2.3), as whole seconds. */
export function retryAfterSeconds(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header.trim());
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1000));
}

function parseError(text: string): { message: string; isOpenAi: boolean } | null {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // A page, or a body that was cut off: there is no sentence to hand on.
    return null;
  }
  const openAi = openAiSchema.safeParse(json).data;
  if (openAi !== undefined) return { message: openAi.error.message, isOpenAi: true };
  const plain = plainSchema.safeParse(json).data;
  return plain === undefined ? null : { message: plain, isOpenAi: false };
}
