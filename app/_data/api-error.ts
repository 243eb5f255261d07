import type { ErrorCode } from "@/lib/errors";

/** `network`: no answer came back; `unexpected`: one came that does not follow the contract; `too_many_files`: more than a message takes. */
export type ApiErrorCode = ErrorCode | "network" | "unexpected" | "too_many_files";

/** A failed call of our own API. The page translates `code`; the server's sentence is never shown. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ApiErrorCode;
  readonly details: Record<string, unknown>;

  constructor(code: ApiErrorCode, details: Record<string, unknown> = {}, cause?: unknown) {
    super(code, { cause });
    this.code = code;
    this.details = details;
  }
}

/** What was thrown, as an {@link ApiError}: `fetch` rejects with a TypeError where the network fails. */
export function toApiError(value: unknown): ApiError {
  if (value instanceof ApiError) return value;
  const isNetwork =
    value instanceof TypeError || (value instanceof DOMException && value.name === "TimeoutError");
  return new ApiError(isNetwork ? "network" : "unexpected", {}, value);
}
