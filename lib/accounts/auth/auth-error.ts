import { databaseError } from "@/lib/db";
import { AppError, type ErrorCode, isAppError, isErrorCode } from "@/lib/errors";

/** What better-auth refuses, in our words. */
const codes: Record<string, ErrorCode> = {
  INVALID_EMAIL_OR_PASSWORD: "invalid_credentials",
  INVALID_EMAIL: "invalid_credentials",
  PASSWORD_TOO_LONG: "invalid_credentials",
  PROVIDER_NOT_FOUND: "not_found",
  UNAUTHORIZED: "sign_in_required",
  SESSION_EXPIRED: "sign_in_required",
};

type Refusal = { statusCode: number; body?: { code?: unknown; cause?: unknown } };

/** Whatever better-auth threw, as one of our errors; what is nobody's refusal stays as it is. */
export function authError(thrown: unknown): unknown {
  const error = databaseError(thrown);
  if (isAppError(error) || !isRefusal(error)) return error;
  const { statusCode, body } = error;
  // It wraps what fails inside; a database that is away must still be said so.
  if (statusCode >= 500) {
    const cause = databaseError(body?.cause);
    return isAppError(cause) ? cause : new AppError("internal", { cause: error });
  }
  return refusal(statusCode, body?.code, error);
}

/** As {@link authError}, for what it answers instead of throwing. */
export async function responseError(response: Response): Promise<AppError> {
  const body: unknown = await response.json();
  const code = typeof body === "object" && body !== null && "code" in body ? body.code : undefined;
  return refusal(response.status, code, new Error(`better-auth answered ${response.status} ${String(code)}`));
}

function refusal(status: number, code: unknown, cause: Error): AppError {
  if (status >= 500) return new AppError("internal", { cause });
  const known = isErrorCode(code) ? code : typeof code === "string" ? codes[code] : undefined;
  const byStatus = status === 401 ? "sign_in_required" : status === 403 ? "forbidden" : "invalid_request";
  return new AppError(known ?? byStatus, { cause });
}

function isRefusal(error: unknown): error is Error & Refusal {
  return error instanceof Error && typeof (error as Partial<Refusal>).statusCode === "number";
}
