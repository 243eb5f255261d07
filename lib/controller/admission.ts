import { AppError } from "@/lib/errors";
import { AdmissionQueue } from "./core/admission-queue";
import { isAtLimit } from "./core/model-index";
import type { WorkerRegistry } from "./core/registry";
import type { Claim, ClaimRequest, ClaimResult, LineRequest } from "./core/types";
import { type Waiter, waiterOf } from "./core/waiting-line";
import type { ControllerMetrics } from "./metrics";
import type { ControllerLogger } from "./ports";
import { refusalError } from "./refusal-error";
import type { DispatchRequest, Priority } from "./types";

export type AdmissionOptions = {
  registry: WorkerRegistry;
  /** Requests that may wait for one model. */
  queueLimit: number;
  /** Longest wait in line, from the beginning of the dispatch. */
  deadlineMs: number;
  metrics: Pick<ControllerMetrics, "waited" | "refused">;
  logger: ControllerLogger;
  now: () => number;
  /** A request begins to wait. Default: nobody is told. */
  onWaiting?: (() => void) | undefined;
  /** A place was given back that another server is waiting for. Default: nobody is told. */
  onOwing?: (() => void) | undefined;
};

/** A request on its way to a worker: what stays the same over its attempts. */
export type Admittance = {
  readonly request: DispatchRequest;
  readonly serial: number;
  readonly startedAt: number;
};

/** A place on a worker. */
export type Place = { readonly claim: Claim; readonly url: string };

/** How often those in line learn that they have moved up. */
const positionsIntervalMs = 500;

type Holder = {
  readonly request: DispatchRequest;
  resolve: (place: Place) => void;
  reject: (error: unknown) => void;
  onAbort: () => void;
  /** Latest number told to `onQueued`. */
  ahead: number;
};

/**
 * Who gets a place on a worker, and when: at once while there is room, otherwise in line.
 *
 * Whenever a place may have fallen free (a claim released, a worker that came, came back or was allowed more), it is
 * given to whoever has the turn before anything else can happen, so a newcomer never overtakes the line. All deadlines
 * share one timer.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #queue: AdmissionQueue<Holder>;
  #serial = 0;
  #deadlineTimer: NodeJS.Timeout | undefined;
  #positionsTimer: NodeJS.Timeout | undefined;
  /** Models whose lines have moved since their members were told. */
  readonly #moved = new Set<string>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
    const { registry } = options;
    this.#queue = new AdmissionQueue({
      limit: options.queueLimit,
      headStartMs: (model) => (registry.model(model)?.settings.priority ?? 0) * 1_000,
    });
  }

  get lengths(): { interactive: number; batch: number } {
    return this.#queue.lengths();
  }

  /** The same for each model that has ever had a line. */
  lines(): Iterable<{ model: string; lengths: Readonly<Record<Priority, number>> }> {
    return this.#queue.byModel();
  }

  /** Requests waiting for the model. */
  waiting(model: string): number {
    return this.#queue.waiting(model);
  }

  /** Of these, people's. */
  waitingPeople(model: string): number {
    return this.#queue.waitingPeople(model);
  }

  begin(request: DispatchRequest): Admittance {
    this.#serial += 1;
    return { request, serial: this.#serial, startedAt: this.#options.now() };
  }

  /** A place at once, or why not. */
  claim(request: ClaimRequest): ClaimResult {
    return this.#options.registry.claim(request, this.#options.now());
  }

  /**
   * A place as soon as it is this request's turn. The request's signal takes it out of the line at once. Errors: the
   * signal's reason; `no_worker_available` with `details.reason` `queue_full` or `queue_timeout`, and
   * `details.retryAfterSeconds`; those of {@link refusalError} when the model or its last worker goes; `shutting_down`.
   */
  wait({ request, serial, startedAt }: Admittance, tried: ReadonlySet<string>): Promise<Place> {
    return new Promise((resolve, reject) => {
      const { model, priority, pools, allowExperimental, affinityKey, signal } = request;
      const line: LineRequest = {
        model,
        priority,
        pools,
        allowExperimental,
        affinityKey,
        tried,
        serial,
        enteredAt: startedAt,
        deadlineAt: startedAt + this.#options.deadlineMs,
      };
      const onAbort = (): void => {
        this.#queue.leave(waiter);
        this.#hasMoved(model);
        reject(signal.reason);
      };
      const waiter = waiterOf<Holder>(line, { request, resolve, reject, onAbort, ahead: -1 });
      if (!this.#queue.enter(waiter)) {
        reject(this.#refusal(model, "queue_full"));
        return;
      }
      signal.addEventListener("abort", onAbort);
      this.#watchDeadlines();
      this.#hasMoved(model);
      this.#options.onWaiting?.();
      if (request.onQueued !== undefined) this.#tellPositions(model, waiter);
    });
  }

  /** Gives a place back and hands it to whoever waits for it. True the first time. */
  release(claim: Claim): boolean {
    const { registry } = this.#options;
    if (!registry.release(claim)) return false;
    if (registry.takeOwing()) this.#options.onOwing?.();
    if (this.#queue.size === 0) return true;
    this.#refillWorker(claim.workerId);
    // A model at its limit may go on at any of its workers, also where this one has gone.
    const model = registry.model(claim.model);
    if (model !== undefined && model.settings.maxConcurrent !== null) {
      for (const { id } of model.workers) this.#refillWorker(id);
    }
    return true;
  }

  /** To be called after every change of the workers, of the models' settings or of this server's shares. */
  refill(): void {
    if (this.#queue.size === 0) return;
    for (const id of this.#options.registry.workerIds()) this.#refillWorker(id);
    this.#dismissHopeless();
  }

  close(): void {
    clearTimeout(this.#deadlineTimer);
    clearTimeout(this.#positionsTimer);
    for (const waiter of [...this.#queue.waiters()]) {
      this.#queue.leave(waiter);
      this.#dismiss(waiter, new AppError("shutting_down"));
    }
  }

  #refillWorker(workerId: string): void {
    const { registry, now, metrics } = this.#options;
    while (this.#queue.size > 0) {
      const at = now();
      const worker = registry.workerWithRoom(workerId, at);
      if (worker === null) return;
      const waiter = this.#queue.next(
        worker,
        (name) => {
          const model = registry.model(name);
          return model !== undefined && !isAtLimit(model);
        },
        ({ request }) => registry.accepts(worker, request),
      );
      if (waiter === null) return;
      const { request, holder } = waiter;
      const claim = registry.claimOn(worker, request);
      // `accepts` has said yes in this very turn.
      if (claim === null) throw new Error("A worker refused the request that it had accepted.");
      this.#queue.countGranted(request.model, at);
      this.#hasMoved(request.model);
      metrics.waited(request.priority, (at - request.enteredAt) / 1_000);
      holder.request.signal.removeEventListener("abort", holder.onAbort);
      holder.resolve({ claim, url: worker.record.url });
    }
  }

  /** Whoever waits for a model that is gone learns it now, as a newcomer would, and not at the deadline. */
  #dismissHopeless(): void {
    const { registry, metrics, now } = this.#options;
    for (const waiter of [...this.#queue.waiters()]) {
      const { request } = waiter;
      const reason = registry.hopelessness(request);
      if (reason === null) continue;
      this.#queue.leave(waiter);
      this.#hasMoved(request.model);
      metrics.waited(request.priority, (now() - request.enteredAt) / 1_000);
      metrics.refused(reason);
      this.#dismiss(waiter, refusalError(reason));
    }
  }

  #dismiss({ holder }: Waiter<Holder>, error: unknown): void {
    holder.request.signal.removeEventListener("abort", holder.onAbort);
    holder.reject(error);
  }

  #refusal(model: string, reason: "queue_full" | "queue_timeout"): AppError {
    const { metrics, registry, now } = this.#options;
    metrics.refused(reason);
    const retryAfterSeconds = this.#queue.retryAfterSeconds(model, now());
    const state = registry.model(model);
    const limit = state?.settings.maxConcurrent ?? null;
    const what =
      reason === "queue_full"
        ? "Too many requests are waiting for this model just now."
        : "No worker became free for this model in time.";
    if (state === undefined || limit === null || !isAtLimit(state)) {
      return new AppError("no_worker_available", { message: what, details: { reason, retryAfterSeconds } });
    }
    return new AppError("no_worker_available", {
      message: `${what} It is limited to ${limit} concurrent ${limit === 1 ? "request" : "requests"}.`,
      details: { reason, retryAfterSeconds, limit: "modelMaxConcurrent" },
    });
  }

  #watchDeadlines(): void {
    if (this.#deadlineTimer !== undefined) return;
    const deadline = this.#queue.nextDeadline();
    if (deadline === null) return;
    this.#deadlineTimer = setTimeout(
      () => {
        this.#deadlineTimer = undefined;
        for (const waiter of this.#queue.expire(this.#options.now())) {
          const { model, priority, enteredAt } = waiter.request;
          this.#options.metrics.waited(priority, (this.#options.now() - enteredAt) / 1_000);
          this.#hasMoved(model);
          this.#dismiss(waiter, this.#refusal(model, "queue_timeout"));
        }
        this.#watchDeadlines();
      },
      Math.max(1, deadline - this.#options.now()),
    );
    this.#deadlineTimer.unref();
  }

  /** A newcomer of the other class, or whoever left, changes the numbers of others: they learn it a little later, together. */
  #hasMoved(model: string): void {
    this.#moved.add(model);
    if (this.#positionsTimer !== undefined) return;
    this.#positionsTimer = setTimeout(() => {
      this.#positionsTimer = undefined;
      for (const name of this.#moved) this.#tellPositions(name);
      this.#moved.clear();
    }, positionsIntervalMs);
    this.#positionsTimer.unref();
  }

  /** Tells everyone in the model's line whose number has changed, or `only` one. */
  #tellPositions(model: string, only?: Waiter<Holder>): void {
    for (const { waiter, ahead } of this.#queue.positions(model)) {
      if (only !== undefined && waiter !== only) continue;
      const { holder } = waiter;
      if (holder.request.onQueued === undefined || holder.ahead === ahead) continue;
      holder.ahead = ahead;
      try {
        holder.request.onQueued(ahead);
      } catch (error) {
        const { requestId } = holder.request;
        this.#options.logger.error({ err: error, requestId }, "the listener of a position in line failed");
      }
    }
  }
}
