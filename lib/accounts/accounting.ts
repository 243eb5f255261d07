import { AppError } from "@/lib/errors";
import type {
  AccountedRequest,
  ApiCaller,
  RequestAccounting,
  RequestResult,
  Ticket,
} from "./accounting-types";
import { checkScopes } from "./api-keys/check-scopes";
import type { Limiter, LimitName } from "./limits/limiter";
import { toUsageRecord, type UsageRecord } from "./usage/usage-record";

export type AccountingDeps = {
  limiter: Pick<Limiter, "admit">;
  usage: { add(record: UsageRecord): void };
  /** Milliseconds since the epoch. */
  now?: () => number;
  onRefused?: (limit: LimitName) => void;
};

const limitWords: Record<LimitName, string> = {
  requestsPerMinute: "requests per minute",
  tokensPerMinute: "tokens per minute",
  requestsPerDay: "requests per day",
  tokensPerDay: "tokens per day",
  maxConcurrent: "concurrent requests",
};

const noHeaders: Record<string, string> = {};

/** Scopes, budgets and usage of one request, in memory only. */
export function createAccounting(deps: AccountingDeps): RequestAccounting {
  const { limiter, usage, now = Date.now } = deps;

  function admit(caller: ApiCaller | null, { estimatedTokens }: AccountedRequest) {
    if (caller === null || caller.keyId === null || isUnlimited(caller)) return null;
    const admission = limiter.admit(caller.keyId, caller.limits, estimatedTokens, now());
    if (admission.isAdmitted) return admission;
    deps.onRefused?.(admission.limit);
    throw limitError(admission, estimatedTokens);
  }

  return {
    begin(caller, request): Ticket {
      checkScopes(caller, request);
      const admission = admit(caller, request);
      let isSettled = false;
      return {
        headers: admission?.headers ?? noHeaders,
        settle(result) {
          if (isSettled) return;
          isSettled = true;
          admission?.settle(tokensUsed(request, result));
          usage.add(toUsageRecord(caller, request, result, new Date(now())));
        },
      };
    },
  };
}

/** Such a caller costs no counting and gets no headers. */
export function isUnlimited({ limits }: ApiCaller): boolean {
  return (
    limits.requestsPerMinute === null &&
    limits.tokensPerMinute === null &&
    limits.requestsPerDay === null &&
    limits.tokensPerDay === null &&
    limits.maxConcurrent === null
  );
}

/**
 * What a request counts. An answer whose usage nobody told counts as it was estimated, or a client could leave each
 * stream before its last frame and never pay; a request that failed has generated nothing.
 */
function tokensUsed(
  request: AccountedRequest,
  { status, promptTokens, completionTokens }: RequestResult,
): number {
  if (promptTokens !== undefined || completionTokens !== undefined) {
    return (promptTokens ?? 0) + (completionTokens ?? 0);
  }
  const clientGoneStatus = 499;
  return status >= 400 && status !== clientGoneStatus ? 0 : request.estimatedTokens;
}

type Refusal = Extract<ReturnType<Limiter["admit"]>, { isAdmitted: false }>;

const dayName = /Day$/;

function limitError({ limit, allowed, retryAfterMs, headers }: Refusal, estimatedTokens: number): AppError {
  const words = limitWords[limit];
  const retryAfterSeconds =
    retryAfterMs === null
      ? dayName.test(limit)
        ? 86_400
        : 60
      : Math.max(1, Math.ceil(retryAfterMs / 1_000));
  const advice =
    retryAfterMs === null
      ? `The request alone may take ${estimatedTokens} tokens; shorten it or lower its maximum of tokens.`
      : `Please try again in ${retryAfterSeconds}s.`;
  return new AppError("rate_limited", {
    message: `Rate limit reached for this API key: ${allowed} ${words}. ${advice}`,
    details: { retryAfterSeconds, limit, rateLimitHeaders: headers },
  });
}
