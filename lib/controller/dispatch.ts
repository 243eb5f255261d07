import { AppError } from "@/lib/errors";
import type { Admission, Admittance, Place } from "./admission";
import type { WorkerRegistry } from "./core/registry";
import type { RetryBudget } from "./core/retry-budget";
import type { ClaimRequest, Refusal } from "./core/types";
import { WorkerResponse } from "./dispatch-response";
import type { ControllerMetrics } from "./metrics";
import { type ControllerLogger, type WorkerAnswer, type WorkerClient, WorkerFailure } from "./ports";
import type { DispatchRequest, DispatchResponse } from "./types";

export type DispatchDeps = {
  registry: WorkerRegistry;
  admission: Admission;
  budget: RetryBudget;
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

const noneTried: ReadonlySet<string> = new Set();

type Failed =
  | { kind: "busy"; retryAfterSeconds: number | null }
  | { kind: "failed"; code: "upstream_failed" | "upstream_timeout"; cause: unknown };
type Attempt = { kind: "answered"; answer: WorkerAnswer } | Failed;

/**
 * Sends the request to the best worker of its model, after a wait in line if all are full; a failure before the first
 * byte goes to another worker, each once, as far as the budget of retries reaches.
 *
 * The claim is released in one place, `onSettled`, which the client calls exactly once for every request it was given.
 */
export async function dispatch(deps: DispatchDeps, request: DispatchRequest): Promise<DispatchResponse> {
  const { admission, budget, metrics, now } = deps;
  const admittance = admission.begin(request);
  budget.countRequest(admittance.startedAt);
  let tried = noneTried;
  let latest: Failed | undefined;
  for (;;) {
    const found = placeFor(deps, admittance, tried, latest);
    const place = found instanceof Promise ? await found : found;
    const claimedAt = now();
    const attempt = await attemptOn(deps, request, place);
    const { workerId } = place.claim;
    if (attempt.kind === "answered") {
      metrics.firstByte((now() - claimedAt) / 1000);
      return new WorkerResponse(attempt.answer, workerId, claimedAt - admittance.startedAt);
    }
    latest = attempt;
    tried = new Set([...tried, workerId]);
    if (tried.size >= maxAttempts) throw attemptError(latest);
  }
}

/**
 * Without `await` in the common case: a place that is free is taken in the turn of the call. An attempt after a failed
 * one (`latest`) also takes a retry from the budget, but only where there is a worker to retry on.
 */
function placeFor(
  deps: DispatchDeps,
  admittance: Admittance,
  tried: ReadonlySet<string>,
  latest: Failed | undefined,
): Place | Promise<Place> {
  const { admission, metrics } = deps;
  const { request } = admittance;
  request.signal.throwIfAborted();
  const result = admission.claim(claimRequestOf(request, tried));
  if (result.kind === "refused" && result.reason !== "all_full") {
    if (latest !== undefined) throw attemptError(latest);
    metrics.refused(result.reason);
    throw refusalError(result.reason);
  }
  if (latest !== undefined && !takeRetry(deps)) {
    if (result.kind === "claimed") admission.release(result.claim);
    throw attemptError(latest);
  }
  if (result.kind === "claimed") return result;
  const place = waitFor(admission, admittance, tried);
  return latest === undefined ? place : orAttemptError(place, latest);
}

function waitFor(admission: Admission, admittance: Admittance, tried: ReadonlySet<string>): Promise<Place> {
  const place = admission.wait(admittance, tried);
  const { trace } = admittance.request;
  return trace ? place.finally(trace.waiting()) : place;
}

function takeRetry({ budget, metrics, now }: DispatchDeps): boolean {
  const isTaken = budget.takeRetry(now());
  if (isTaken) metrics.retried();
  else metrics.retryRefused();
  return isTaken;
}

async function orAttemptError(place: Promise<Place>, latest: Failed): Promise<Place> {
  try {
    return await place;
  } catch (error) {
    throw error instanceof AppError && error.code === "no_worker_available" ? attemptError(latest) : error;
  }
}

function claimRequestOf(request: DispatchRequest, tried: ReadonlySet<string>): ClaimRequest {
  const { model, pools, allowExperimental, affinityKey } = request;
  return { model, pools, allowExperimental, affinityKey, tried };
}

async function attemptOn(
  deps: DispatchDeps,
  request: DispatchRequest,
  { claim, url }: Place,
): Promise<Attempt> {
  const { registry, admission, metrics, logger } = deps;
  const { workerId } = claim;
  let hasBegun = false;
  /** How an answer ended that came with its end. */
  let endedAs: WorkerFailure["kind"] | "complete" | null = null;
  const trace = request.trace?.attempt(workerId);
  const onSettled = (failure: WorkerFailure | null): void => {
    admission.release(claim);
    endedAs = failure?.kind ?? "complete";
    trace?.end(endedAs);
    if (hasBegun) metrics.ended(endedAs);
    if (failure === null || failure.kind === "aborted") return;
    logger.warn({ err: failure, workerId, requestId: request.requestId }, "worker failed");
    if (failure.kind === "unreachable") takeOut(deps, workerId);
    else countError(deps, workerId);
  };

  let answer: WorkerAnswer;
  try {
    const { path, body, requestId, signal } = request;
    request.listener?.sent();
    answer = await deps.client.send({
      worker: { id: workerId, url },
      path,
      body,
      requestId,
      traceparent: trace?.traceparent,
      signal,
      onSettled,
    });
  } catch (error) {
    const kind = error instanceof WorkerFailure ? error.kind : "broken";
    metrics.attempt(kind);
    trace?.judged(kind);
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
  trace?.judged(verdict);
  if (verdict === "answered") {
    hasBegun = true;
    if (endedAs !== null) metrics.ended(endedAs);
    registry.markSuccess(workerId);
    return { kind: "answered", answer };
  }
  answer.body?.destroy();
  if (verdict === "busy") return { kind: "busy", retryAfterSeconds: answer.retryAfterSeconds };
  // It does not take its own secret, so it can serve nobody until a probe with that secret succeeds.
  if (answer.status === 401) takeOut(deps, workerId);
  else countError(deps, workerId);
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

function countError({ registry, metrics, logger, now }: DispatchDeps, workerId: string): void {
  if (!registry.markError(workerId, now())) return;
  metrics.ejected();
  logger.warn({ workerId }, "worker ejected after errors in a row");
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
  return new AppError("no_worker_available", {
    details: { reason, retryAfterSeconds: retryAfterSeconds.out },
  });
}

function attemptError(latest: Failed): AppError {
  if (latest.kind === "failed") return new AppError(latest.code, { cause: latest.cause });
  const seconds = latest.retryAfterSeconds ?? retryAfterSeconds.busy;
  return new AppError("no_worker_available", { details: { retryAfterSeconds: seconds } });
}
