import type { ErrorCode } from "@/lib/errors";

/**
 * `network`: no answer came back; `unexpected`: one came that does not follow the contract; `too_many_files`: more than a message
 * takes; `challenge_failed`: the browser could not solve what the site asks of its network, or its solutions were not taken.
 */
export type ApiErrorCode = ErrorCode | "network" | "unexpected" | "too_many_files" | "challenge_failed";

/** A failed call of our own API. The page translates `code`. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ApiErrorCode;
  readonly details: Record<string, unknown>;
  /** The server's own sentence. Visitors never see it; an operator needs to know which field it is about. */
  readonly said: string | null;

  constructor(
    code: ApiErrorCode,
    details: Record<string, unknown> = {},
    cause?: unknown,
    said: string | null = null,
  ) {
    super(code, { cause });
    this.code = code;
    this.details = details;
    this.said = said;
  }
}

/** What was thrown, as an {@link ApiError}: `fetch` rejects with a TypeError where the network fails. */
export function toApiError(value: unknown): ApiError {
  if (value instanceof ApiError) return value;
  const isNetwork =
    value instanceof TypeError || (value instanceof DOMException && value.name === "TimeoutError");
  return new ApiError(isNetwork ? "network" : "unexpected", {}, value);
}
