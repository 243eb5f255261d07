import { AppError } from "@/lib/errors";
import type { Admission, Admittance, Place } from "./admission";
import type { WorkerRegistry } from "./core/registry";
import type { RetryBudget } from "./core/retry-budget";
import type { ClaimRequest } from "./core/types";
import { WorkerResponse } from "./dispatch-response";
import type { ControllerMetrics } from "./metrics";
import { type ControllerLogger, type WorkerAnswer, type WorkerClient, WorkerFailure } from "./ports";
import { refusalError } from "./refusal-error";
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
const busyRetryAfterSeconds = 1;

const noneTried: ReadonlySet<string> = new Set();

type Failed =
  | { kind: "busy"; retryAfterSeconds: number | null }
  | { kind: "failed"; code: "upstream_failed" | "upstream_timeout"; cause: unknown; isFinal: boolean };
type EndedAs = WorkerFailure["kind"] | "complete";
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
    if (tried.size >= maxAttempts || (latest.kind === "failed" && latest.isFinal)) throw attemptError(latest);
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

const refusals: ReadonlySet<string> = new Set(["no_worker_available", "model_not_found"]);

async function orAttemptError(place: Promise<Place>, latest: Failed): Promise<Place> {
  try {
    return await place;
  } catch (error) {
    const isRefusal = error instanceof AppError && refusals.has(error.code);
    throw isRefusal ? attemptError(latest) : error;
  }
}

function claimRequestOf(request: DispatchRequest, tried: ReadonlySet<string>): ClaimRequest {
  const { model, priority, pools, allowExperimental, affinityKey } = request;
  return { model, priority, pools, allowExperimental, affinityKey, tried };
}

async function attemptOn(
  deps: DispatchDeps,
  request: DispatchRequest,
  { claim, url }: Place,
): Promise<Attempt> {
  const { admission, metrics, logger } = deps;
  const { workerId } = claim;
  const isWhole = request.isWhole === true;
  let hasBegun = false;
  /** How an answer ended that came with its end. */
  let endedAs: EndedAs | null = null;
  const trace = request.trace?.attempt(workerId);
  const onSettled = (failure: WorkerFailure | null): void => {
    admission.release(claim);
    endedAs = failure?.kind ?? "complete";
    trace?.end(endedAs);
    if (hasBegun) countEnd(deps, workerId, endedAs);
    if (failure === null || failure.kind === "aborted") return;
    logger.warn({ err: failure, workerId, requestId: request.requestId }, "worker failed");
    if (failure.kind === "unreachable") takeOut(deps, workerId);
    // The worker goes on with its other answers: this one was too much for the time, not for the worker.
    else if (failure.kind !== "slow") countError(deps, workerId);
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
      isWhole,
      signal,
      onSettled,
    });
  } catch (error) {
    const kind = error instanceof WorkerFailure ? error.kind : "broken";
    metrics.attempt(kind);
    trace?.judged(kind);
    // The caller's own reason, as fetch does it.
    if (kind === "aborted") throw request.signal.aborted ? request.signal.reason : error;
    const isLate = error instanceof WorkerFailure && error.isLate;
    return {
      kind: "failed",
      code: isLate ? "upstream_timeout" : "upstream_failed",
      cause: error,
      // Elsewhere it would take as long again; and nobody waits twice the time of a whole answer.
      isFinal: kind === "slow" || (isLate && isWhole),
    };
  }

  const verdict = judge(answer);
  metrics.attempt(verdict);
  trace?.judged(verdict);
  if (verdict === "answered") {
    hasBegun = true;
    if (endedAs !== null) countEnd(deps, workerId, endedAs);
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
    isFinal: false,
  };
}

/** Only a whole answer is a success: a worker may fail each time after its first byte. */
function countEnd({ registry, metrics }: DispatchDeps, workerId: string, endedAs: EndedAs): void {
  metrics.ended(endedAs);
  if (endedAs === "complete") registry.markSuccess(workerId);
}

/**
 * A worker that answers probes and breaks off its answers would be back at once, time after time: each time counts as an
 * error. What breaks off together with the first is the same outage.
 */
function takeOut(deps: DispatchDeps, workerId: string): void {
  const { registry, now } = deps;
  if (registry.health(workerId, now()) !== "out") countError(deps, workerId);
  if (registry.markUnreachable(workerId, now())) deps.onUnreachable();
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

function attemptError(latest: Failed): AppError {
  if (latest.kind === "failed") return new AppError(latest.code, { cause: latest.cause });
  const seconds = latest.retryAfterSeconds ?? busyRetryAfterSeconds;
  return new AppError("no_worker_available", { details: { retryAfterSeconds: seconds } });
}
