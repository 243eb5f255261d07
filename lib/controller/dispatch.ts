import { AppError } from "@/lib/errors";
import type { WorkerRegistry } from "./core/registry";
import type { Claim, Refusal } from "./core/types";
import type { ControllerMetrics } from "./metrics";
import { type ControllerLogger, type WorkerAnswer, type WorkerClient, WorkerFailure } from "./ports";
import type { DispatchRequest, DispatchResponse } from "./types";

export type DispatchDeps = {
  registry: WorkerRegistry;
  client: WorkerClient;
  metrics: ControllerMetrics;
  logger: ControllerLogger;
  now: () => number;
  /** The worker's connection was refused or reset; it is out already. */
  onUnreachable: () => void;
};

/** Workers that one request may be sent to. A request that fails on three is more likely at fault than the fourth. */
const maxAttempts = 3;

/** What a caller should wait before the next try, where no worker said so itself. */
const retryAfterSeconds = { busy: 1, out: 5 } as const;

type Attempt =
  | { kind: "answered"; answer: WorkerAnswer }
  | { kind: "busy"; retryAfterSeconds: number | null }
  | { kind: "failed"; code: "upstream_failed" | "upstream_timeout"; cause: unknown };

/**
 * Sends the request to the best worker of its model; a failure before the first byte goes to another, each worker once.
 *
 * The claim is released in one place, `onSettled`, which the client calls exactly once for every request it was given.
 */
export async function dispatch(deps: DispatchDeps, request: DispatchRequest): Promise<DispatchResponse> {
  const startedAt = deps.now();
  const tried = new Set<string>();
  let latest: Exclude<Attempt, { kind: "answered" }> | undefined;
  while (tried.size < maxAttempts) {
    request.signal.throwIfAborted();
    const claimedAt = deps.now();
    const result = deps.registry.claim(
      { model: request.model, priority: request.priority, tried },
      claimedAt,
    );
    if (result.kind === "refused") {
      if (latest !== undefined) break;
      deps.metrics.refused(result.reason);
      throw refusalError(result.reason);
    }
    const { claim, url } = result;
    tried.add(claim.workerId);
    const attempt = await attemptOn(deps, request, claim, url);
    if (attempt.kind === "answered") {
      deps.metrics.firstByte((deps.now() - claimedAt) / 1000);
      const { status, contentType, contentLength, body } = attempt.answer;
      const queueWaitMs = claimedAt - startedAt;
      return { status, contentType, contentLength, body, workerId: claim.workerId, queueWaitMs };
    }
    latest = attempt;
  }
  throw attemptError(latest);
}

async function attemptOn(
  deps: DispatchDeps,
  request: DispatchRequest,
  claim: Claim,
  url: string,
): Promise<Attempt> {
  const { registry, metrics, logger } = deps;
  const { workerId } = claim;
  let hasBegun = false;
  const onSettled = (failure: WorkerFailure | null): void => {
    registry.release(claim);
    if (hasBegun) metrics.ended(failure?.kind ?? "complete");
    if (failure === null || failure.kind === "aborted") return;
    logger.warn({ err: failure, workerId, requestId: request.requestId }, "worker failed");
    if (failure.kind === "unreachable") takeOut(deps, workerId);
    else registry.markError(workerId);
  };

  let answer: WorkerAnswer;
  try {
    const { path, body, requestId, signal } = request;
    answer = await deps.client.send({
      worker: { id: workerId, url },
      path,
      body,
      requestId,
      signal,
      onSettled,
    });
  } catch (error) {
    const kind = error instanceof WorkerFailure ? error.kind : "broken";
    metrics.attempt(kind);
    // The caller's own reason, as fetch does it.
    if (kind === "aborted") throw request.signal.aborted ? request.signal.reason : error;
    return {
      kind: "failed",
      code: kind === "timeout" ? "upstream_timeout" : "upstream_failed",
      cause: error,
    };
  }

  const verdict = judge(answer);
  metrics.attempt(verdict);
  if (verdict === "answered") {
    hasBegun = true;
    registry.markSuccess(workerId);
    return { kind: "answered", answer };
  }
  answer.body.destroy();
  if (verdict === "busy") return { kind: "busy", retryAfterSeconds: answer.retryAfterSeconds };
  // It does not take its own secret, so it can serve nobody until a probe with that secret succeeds.
  if (answer.status === 401) takeOut(deps, workerId);
  else registry.markError(workerId);
  logger.warn(
    { workerId, requestId: request.requestId, status: answer.status },
    "worker answered with an error",
  );
  return {
    kind: "failed",
    code: "upstream_failed",
    cause: new Error(`The worker answered ${answer.status}.`),
  };
}

function takeOut(deps: DispatchDeps, workerId: string): void {
  if (deps.registry.markUnreachable(workerId, deps.now())) deps.onUnreachable();
}

/**
 * A 4xx is the caller's fault and goes back to the caller, except where it speaks of our own credentials. A redirect is
 * not followed (a worker could point anywhere), and success without a byte is no success.
 */
function judge({ status, isEmpty }: WorkerAnswer): "answered" | "busy" | "error_status" {
  if (status === 429 || status === 503) return "busy";
  if (status >= 500 || status === 401 || status === 403 || status === 407) return "error_status";
  if (status >= 300 && status < 400) return "error_status";
  return status < 300 && isEmpty ? "error_status" : "answered";
}

function refusalError(reason: Refusal): AppError {
  if (reason === "unknown_model") return new AppError("model_not_found");
  const seconds = reason === "all_full" ? retryAfterSeconds.busy : retryAfterSeconds.out;
  return new AppError("no_worker_available", { details: { retryAfterSeconds: seconds } });
}

function attemptError(latest: Exclude<Attempt, { kind: "answered" }> | undefined): AppError {
  if (latest?.kind === "failed") return new AppError(latest.code, { cause: latest.cause });
  const seconds = latest?.retryAfterSeconds ?? retryAfterSeconds.busy;
  return new AppError("no_worker_available", { details: { retryAfterSeconds: seconds } });
}
