import { keyEndpoints } from "@/lib/protocol";

/** What the routes of `/v1` and the accounts agree on: who calls, what a call may cost, and what it did cost. */

export const apiEndpoints = keyEndpoints;
export type ApiEndpoint = (typeof apiEndpoints)[number];

export type KeyScopes = {
  /** Patterns of model names (`*` stands for any characters); null: every model. */
  models: readonly string[] | null;
  /** Worker pools that the caller is pinned to; null: every pool. */
  pools: readonly string[] | null;
  endpoints: readonly ApiEndpoint[] | null;
  /** Whether models of the stage `experimental` may be used. */
  allowExperimental: boolean;
};

/** null: no limit. */
export type KeyLimits = {
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  requestsPerDay: number | null;
  tokensPerDay: number | null;
  maxConcurrent: number | null;
};

/** Who sends a request to `/v1`. Immutable; the same object is shared by the requests of a key. */
export type ApiCaller = {
  /** `environment`: a key of ARENA_API_KEYS, without scopes or limits. */
  kind: "key" | "environment";
  /** Row of `api_keys`; null for a key of the environment. */
  keyId: string | null;
  ownerLabel: string;
  scopes: KeyScopes;
  limits: KeyLimits;
};

/** `caller` is null for a keyless program on the server's own machine. */
export type Authentication = { caller: ApiCaller | null };

export type AccountedRequest = {
  model: string;
  endpoint: ApiEndpoint;
  /**
   * Reserved from the token budgets until the answer's usage is known: bytes of the prompt / 4 + the most tokens that
   * may be generated. An integer ≥ 0.
   */
  estimatedTokens: number;
  requestId: string;
  /** Stage of the model where it is known; a model that is not served has none. */
  stage?: "public" | "experimental" | "retired";
};

export type RequestResult = {
  /** HTTP status of the answer; 499: the client left before there was one. */
  status: number;
  /** `complete`, `client_gone`, or the code of the error. */
  outcome: string;
  /** Of the answer's `usage`; absent where the worker told none. */
  promptTokens?: number | undefined;
  cachedTokens?: number | undefined;
  completionTokens?: number | undefined;
  queueWaitMs?: number | undefined;
  firstByteMs?: number | undefined;
  totalMs?: number | undefined;
  workerId?: string | undefined;
};

/** One admitted request. It holds its place in the caller's budgets until it is settled. */
export type Ticket = {
  /** OpenAI's `x-ratelimit-*` headers for the answer, streams included; empty for a caller without limits. */
  headers: Record<string, string>;
  /** Idempotent, synchronous, cheap: to be called in `finally`, however the request ends. */
  settle(result: RequestResult): void;
};

export type RequestAccounting = {
  /**
   * Admits a request or refuses it. Synchronous; never asks the database.
   *
   * Errors: `rate_limited` (429; `details.retryAfterSeconds`, `details.limit`, and `details.rateLimitHeaders`, a
   * `Record<string, string>` that belongs on the answer), `permission_denied` (403: the endpoint is outside the key's
   * scopes), `model_not_found` (404: so is the model; as OpenAI does, it is not told whether it exists).
   */
  begin(caller: ApiCaller | null, request: AccountedRequest): Ticket;
};
