/**
 * The one table of error codes. Everything that fails on purpose fails with an {@link AppError} whose `code`
 * is a key of this table; the table says how it looks on the wire. This folder imports nothing.
 */

export type OpenAiErrorType =
  | "invalid_request_error"
  | "authentication_error"
  | "permission_error"
  | "not_found_error"
  | "rate_limit_error"
  | "server_error";

type ErrorEntry = {
  readonly status: number;
  readonly openaiType: OpenAiErrorType;
  /** Whether the same request may succeed later without being changed. */
  readonly retryable: boolean;
  readonly message: string;
};

export const errorTable = {
  invalid_request: entry(400, "invalid_request_error", false, "The request is not valid."),
  invalid_json: entry(400, "invalid_request_error", false, "The body is not valid JSON."),
  unsupported_parameter: entry(400, "invalid_request_error", false, "This parameter is not supported."),
  context_length_exceeded: entry(
    400,
    "invalid_request_error",
    false,
    "The prompt is longer than the model's context.",
  ),
  invalid_api_key: entry(401, "authentication_error", false, "A valid API key is needed."),
  invalid_join_token: entry(401, "authentication_error", false, "The join token is not valid."),
  invalid_worker_secret: entry(401, "authentication_error", false, "The worker secret is not valid."),
  sign_in_required: entry(401, "authentication_error", false, "This needs a signed-in account."),
  invalid_credentials: entry(
    401,
    "authentication_error",
    false,
    "The e-mail address and the password do not go together.",
  ),
  account_disabled: entry(403, "permission_error", false, "This account is disabled."),
  sign_up_closed: entry(403, "permission_error", false, "New accounts need an invitation."),
  provider_failed: entry(403, "permission_error", true, "The provider did not confirm the sign-in."),
  forbidden: entry(403, "permission_error", false, "This is not allowed."),
  visitor_stopped: entry(
    403,
    "permission_error",
    false,
    "A moderator has stopped this visitor: nothing more is sent, and no vote is saved.",
  ),
  permission_denied: entry(403, "permission_error", false, "This API key may not do this."),
  worker_address_refused: entry(
    403,
    "permission_error",
    false,
    "The worker's address is outside the allowed networks.",
  ),
  not_found: entry(404, "not_found_error", false, "There is nothing at this address."),
  model_not_found: entry(404, "invalid_request_error", false, "The model does not exist."),
  battle_not_found: entry(404, "not_found_error", false, "There is no such battle."),
  conversation_not_found: entry(404, "not_found_error", false, "There is no such conversation."),
  message_not_found: entry(404, "not_found_error", false, "There is no such message in this conversation."),
  share_not_found: entry(404, "not_found_error", false, "There is no such shared page."),
  release_not_found: entry(404, "not_found_error", false, "There is no such release."),
  attachment_not_found: entry(404, "not_found_error", false, "There is no such image."),
  method_not_allowed: entry(405, "invalid_request_error", false, "This method is not allowed here."),
  request_timeout: entry(408, "invalid_request_error", true, "The request did not arrive in time."),
  vote_not_open: entry(409, "invalid_request_error", true, "Voting opens when both sides have finished."),
  vote_outdated: entry(
    409,
    "invalid_request_error",
    false,
    "The battle has gone on since: its newest answers are others than those that were judged.",
  ),
  nothing_to_compare: entry(
    409,
    "invalid_request_error",
    false,
    "The last turn does not hold two answers that can be compared.",
  ),
  already_voted: entry(409, "invalid_request_error", false, "This battle has its vote."),
  battle_busy: entry(409, "invalid_request_error", true, "The battle is still being answered."),
  battle_closed: entry(409, "invalid_request_error", false, "The battle ended with its vote."),
  release_running: entry(409, "invalid_request_error", true, "Another release is being made just now."),
  already_reversed: entry(409, "invalid_request_error", false, "This decision has been taken back already."),
  side_not_failed: entry(409, "invalid_request_error", false, "This side has not failed."),
  conversation_busy: entry(
    409,
    "invalid_request_error",
    true,
    "An answer of this conversation is being written.",
  ),
  conversation_full: entry(
    409,
    "invalid_request_error",
    false,
    "The conversation has reached its last message.",
  ),
  personal_data_found: entry(
    409,
    "invalid_request_error",
    false,
    "The text seems to hold personal data; say whether to hide it.",
  ),
  publication_refused: entry(409, "invalid_request_error", false, "This cannot be published."),
  no_vision_pair: entry(
    409,
    "invalid_request_error",
    true,
    "An image needs two models that can read images, and fewer are being served.",
  ),
  battle_without_images: entry(
    409,
    "invalid_request_error",
    false,
    "This battle began without an image, so its models were drawn without asking for one.",
  ),
  model_reads_no_images: entry(409, "invalid_request_error", false, "The model cannot read images."),
  turn_limit_reached: entry(409, "invalid_request_error", false, "The battle has reached its last turn."),
  email_taken: entry(409, "invalid_request_error", false, "There is an account with this e-mail address."),
  last_admin: entry(409, "invalid_request_error", false, "The site would be left without an administrator."),
  last_login: entry(
    409,
    "invalid_request_error",
    false,
    "The account would be left without a way to sign in.",
  ),
  key_limit_reached: entry(
    409,
    "invalid_request_error",
    false,
    "The account has as many keys as it may have.",
  ),
  link_invalid: entry(
    410,
    "not_found_error",
    false,
    "The link has been used, has expired, or was withdrawn.",
  ),
  worker_unknown: entry(
    410,
    "not_found_error",
    true,
    "The controller does not know this worker; register again.",
  ),
  payload_too_large: entry(413, "invalid_request_error", false, "The body is too large."),
  image_too_large: entry(413, "invalid_request_error", false, "The image is too large."),
  too_many_images: entry(413, "invalid_request_error", false, "The images are too large together."),
  unsupported_image: entry(
    415,
    "invalid_request_error",
    false,
    "The file is not a JPEG, PNG or WebP image, or it is damaged.",
  ),
  unsupported_media_type: entry(415, "invalid_request_error", false, "The body must be application/json."),
  content_refused: entry(422, "invalid_request_error", false, "This text is against the site's rules."),
  challenge_required: entry(
    428,
    "invalid_request_error",
    true,
    "This network must solve a challenge first; details.challenge has it.",
  ),
  headers_too_large: entry(431, "invalid_request_error", false, "The request's headers are too large."),
  rate_limited: entry(429, "rate_limit_error", true, "Too many requests."),
  internal: entry(500, "server_error", true, "Something failed inside the server."),
  upstream_failed: entry(502, "server_error", true, "The worker failed before it had answered."),
  no_worker_available: entry(503, "server_error", true, "No worker is free for this model just now."),
  not_enough_models: entry(
    503,
    "server_error",
    true,
    "A battle needs two models, and fewer are being served.",
  ),
  database_unavailable: entry(503, "server_error", true, "The database cannot be reached."),
  moderation_unavailable: entry(
    503,
    "server_error",
    true,
    "The text could not be checked, and this site sends nothing unchecked.",
  ),
  shutting_down: entry(503, "server_error", true, "The server is shutting down."),
  upstream_timeout: entry(504, "server_error", true, "The worker did not answer in time."),
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof errorTable;

export type AppErrorOptions = {
  /** Overrides the table's sentence. Reaches the client: never put a model, worker or engine name of a blind battle here. */
  message?: string;
  /** The request's field that is at fault, as OpenAI's `param`. */
  param?: string;
  /** Machine-readable extras for the client, such as `{retryAfterSeconds}` or token counts. */
  details?: Record<string, unknown>;
  /** What went wrong underneath; logged, never sent. */
  cause?: unknown;
};

/** The only error that is thrown on purpose. Next bundles its own copy of this class: test `code`, not `instanceof`. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly param: string | null;
  readonly details: Record<string, unknown>;

  constructor(code: ErrorCode, options: AppErrorOptions = {}) {
    super(options.message ?? errorTable[code].message, { cause: options.cause });
    this.code = code;
    this.param = options.param ?? null;
    this.details = options.details ?? {};
  }

  get status(): number {
    return errorTable[this.code].status;
  }
}

/** True for an {@link AppError} of any module copy. */
export function isAppError(value: unknown): value is AppError {
  return (
    value instanceof Error && value.name === "AppError" && isErrorCode((value as { code?: unknown }).code)
  );
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(errorTable, value);
}

/** Anything thrown, as an {@link AppError}: itself, or `internal` with the original as cause. */
export function toAppError(value: unknown): AppError {
  return isAppError(value) ? value : new AppError("internal", { cause: value });
}

/** First renderer: the body of our own `/api/*` errors. */
export function renderJsonError(error: AppError): {
  error: {
    code: ErrorCode;
    message: string;
    param: string | null;
    retryable: boolean;
    details: Record<string, unknown>;
  };
} {
  return {
    error: {
      code: error.code,
      message: error.message,
      param: error.param,
      retryable: errorTable[error.code].retryable,
      details: error.details,
    },
  };
}

/** OpenAI's name for `rate_limited`. */
export const openAiRateLimitCode = "rate_limit_exceeded";

type OpenAiError = {
  message: string;
  /** Of a rate limit, as OpenAI says it: what there was too much of. */
  type: OpenAiErrorType | "requests" | "tokens";
  param: string | null;
  code: ErrorCode | typeof openAiRateLimitCode;
  /** Our own: which limit was met, where it was one. */
  limit?: string;
};

/** Second renderer: OpenAI's error body, which the official clients turn into their error classes. */
export function renderOpenAiError(error: AppError): { error: OpenAiError } {
  const { message, code, param } = error;
  const limit = error.details["limit"];
  const named = typeof limit === "string" ? { limit } : {};
  if (code === "rate_limited") {
    const type = /tokens/i.test(named.limit ?? "") ? "tokens" : "requests";
    return { error: { message, type, param, code: openAiRateLimitCode, ...named } };
  }
  return { error: { message, type: errorTable[code].openaiType, param, code, ...named } };
}

/** Third renderer: an SSE frame for a stream that has already begun. No `[DONE]` may follow it. */
export function renderSseError(error: AppError): string {
  return `event: error\ndata: ${JSON.stringify(renderOpenAiError(error))}\n\n`;
}

function entry(status: number, openaiType: OpenAiErrorType, retryable: boolean, message: string): ErrorEntry {
  return { status, openaiType, retryable, message };
}
