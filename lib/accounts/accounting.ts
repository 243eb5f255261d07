import { AppError } from "@/lib/errors";
import type {
  AccountedRequest,
  ApiCaller,
  KeyLimits,
  RequestAccounting,
  RequestResult,
  Ticket,
} from "./accounting-types";
import { checkScopes } from "./api-keys/check-scopes";
import type { Limiter, LimitName } from "./limits/limiter";
import { toUsageRecord, type UsageRecord } from "./usage/usage-record";

export type AccountingDeps = {
  limiter: Pick<Limiter, "admit">;
  /** What all callers together may use of a model, where that is limited. Default: no model is. */
  tokenLimitOf?: (model: string) => { modelId: string; tokensPerMinute: number } | null;
  usage: { add(record: UsageRecord): void };
  /** Milliseconds since the epoch. */
  now?: () => number;
  onRefused?: (limit: LimitName | "modelTokensPerMinute") => void;
};

const limitWords: Record<LimitName, string> = {
  requestsPerMinute: "requests per minute",
  tokensPerMinute: "tokens per minute",
  requestsPerDay: "requests per day",
  tokensPerDay: "tokens per day",
  maxConcurrent: "concurrent requests",
};

const noLimits: KeyLimits = {
  requestsPerMinute: null,
  tokensPerMinute: null,
  requestsPerDay: null,
  tokensPerDay: null,
  maxConcurrent: null,
};

const noHeaders: Record<string, string> = {};

/** Gives the reservation back, and takes what was used in its place. Once. */
export type SettleTokens = (used: number) => void;

export type ModelTokens = {
  /**
   * Reserves tokens of a model's limit; null where it has none. Errors: `rate_limited` with `details.limit`
   * `modelTokensPerMinute`.
   */
  reserve(request: { model: string; estimatedTokens: number }): SettleTokens | null;
};

/** What all callers together may use of a model, whoever they are. The limiter counts a model as a key, by the id of its row. */
export function createModelTokens({
  limiter,
  now = Date.now,
  tokenLimitOf = () => null,
  onRefused,
}: Omit<AccountingDeps, "usage">): ModelTokens {
  return {
    reserve({ model, estimatedTokens }) {
      const limit = tokenLimitOf(model);
      if (limit === null) return null;
      const { modelId, tokensPerMinute } = limit;
      const admission = limiter.admit(modelId, { ...noLimits, tokensPerMinute }, estimatedTokens, now());
      if (admission.isAdmitted) return admission.settle;
      onRefused?.("modelTokensPerMinute");
      throw modelLimitError(model, admission, estimatedTokens);
    },
  };
}

/** Scopes, budgets and usage of one request, in memory only. */
export function createAccounting(deps: AccountingDeps): RequestAccounting {
  const { limiter, usage, now = Date.now } = deps;
  const models = createModelTokens(deps);

  function admit(caller: ApiCaller | null, { estimatedTokens }: AccountedRequest) {
    if (caller === null || caller.keyId === null || isUnlimited(caller)) return null;
    const admission = limiter.admit(caller.keyId, caller.limits, estimatedTokens, now());
    if (admission.isAdmitted) return admission;
    deps.onRefused?.(admission.limit);
    throw limitError(admission, estimatedTokens);
  }

  /** A request that its caller may not make takes nothing from the model's limit. */
  function admitBoth(caller: ApiCaller | null, request: AccountedRequest) {
    const settleModel = models.reserve(request);
    try {
      return { settleModel, own: admit(caller, request) };
    } catch (error) {
      settleModel?.(0);
      throw error;
    }
  }

  return {
    begin(caller, request): Ticket {
      checkScopes(caller, request);
      const { settleModel, own } = admitBoth(caller, request);
      let isSettled = false;
      return {
        headers: own?.headers ?? noHeaders,
        settle(result) {
          if (isSettled) return;
          isSettled = true;
          const tokens = tokensUsed(request, result);
          own?.settle(tokens);
          settleModel?.(tokens);
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

function limitError(refusal: Refusal, estimatedTokens: number): AppError {
  const { limit, allowed, headers } = refusal;
  const { retryAfterSeconds, advice } = adviceFor(refusal, estimatedTokens);
  return new AppError("rate_limited", {
    message: `Rate limit reached for this API key: ${allowed} ${limitWords[limit]}. ${advice}`,
    details: { retryAfterSeconds, limit, rateLimitHeaders: headers },
  });
}

function modelLimitError(model: string, refusal: Refusal, estimatedTokens: number): AppError {
  const { retryAfterSeconds, advice } = adviceFor(refusal, estimatedTokens);
  return new AppError("rate_limited", {
    message: `Rate limit reached for the model \`${model}\`, over all its callers: ${refusal.allowed} tokens per minute. ${advice}`,
    details: { retryAfterSeconds, limit: "modelTokensPerMinute", rateLimitHeaders: refusal.headers },
  });
}

function adviceFor(
  { limit, retryAfterMs }: Refusal,
  estimatedTokens: number,
): { retryAfterSeconds: number; advice: string } {
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
  return { retryAfterSeconds, advice };
}
