import type { HeartbeatRequest, WorkerOrder } from "@/lib/protocol";
import { AffinityMap } from "./affinity";
import { dispatchPolicies } from "./dispatch-policy";
import { ejectAfterErrors, ejectionMs, mostEjected } from "./ejection";
import { absenceOf, isAtLimit, isOpenTo, ModelIndex, type ModelState } from "./model-index";
import { othersLoad } from "./others-load";
import type {
  Claim,
  ClaimRequest,
  ClaimResult,
  DispatchPolicy,
  Health,
  HealthChange,
  ModelSettings,
  PolicyContext,
  RegistryOptions,
  WorkerRecord,
} from "./types";
import { WorkerState } from "./worker";

/** How long a silent worker is remembered, in heartbeat intervals: its models answer 503 for that long, then 404. */
const memoryIntervals = 60;

/**
 * Requests that may wait inside a worker beyond its slots: just enough that a slot which falls free has its next request
 * there already, and does not wait for the way to this server and back. The line is here, where it has an order, a
 * deadline and a limit.
 *
 * The bound counts this process's own claims. Other servers send theirs up to the same bound, and the worker serves all
 * in the order of their arrival: so n servers that are all busy get about a n-th of it each, and none has to know of
 * the others or can be shut out by them.
 */
export const defaultWaitingAllowance = (slots: number): number => Math.ceil(slots / 4);

/**
 * This process's view of the workers, and the claims that it holds on them.
 *
 * Every method is synchronous and takes the time as an argument, so a claim is atomic and a run can be replayed.
 * Invariants, each a property test: a worker never holds more claims than its bound, nor a model more than its limit;
 * each claim is released once; only a healthy worker is chosen; at most half of a model's workers are ejected; nothing
 * that comes from outside (heartbeat, snapshot, re-registration) changes the count of open claims, because only this
 * process knows it.
 */
export class WorkerRegistry {
  readonly #heartbeatMs: number;
  readonly #waitingAllowance: (slots: number) => number;
  readonly #policy: DispatchPolicy;
  readonly #policyContext: { preferredId: string | null } & PolicyContext;
  readonly #workers = new Map<string, WorkerState>();
  readonly #models: ModelIndex;
  readonly #affinity = new AffinityMap();
  readonly #open = new Set<Claim>();
  #claims = 0;

  constructor(options: RegistryOptions) {
    this.#heartbeatMs = options.heartbeatMs;
    this.#models = new ModelIndex(options.isLimitShared === true ? 0 : Number.POSITIVE_INFINITY);
    this.#waitingAllowance = options.waitingAllowance ?? defaultWaitingAllowance;
    this.#policy = dispatchPolicies[options.policy ?? "least_outstanding"];
    this.#policyContext = { preferredId: null, random: options.random ?? (() => 0) };
  }

  /** A worker has just registered here. An address has one listener, so an older worker at the same address is gone. */
  register(record: WorkerRecord): void {
    for (const other of this.#workers.values()) {
      if (other.id !== record.id && other.record.url === record.url) this.#setLeaving(other);
    }
    this.#put(record);
  }

  /**
   * Takes over the rows that were there when this process started. A row whose heartbeats stopped may only have missed
   * them because no server was up: it is out until a probe succeeds, and has the usual time to report again.
   */
  restore(records: readonly WorkerRecord[], now: number): void {
    for (const record of records) {
      if (record.leftAt !== null || this.#workers.has(record.id)) continue;
      const worker = this.#put(record);
      if (worker.isSilent(now, this.#heartbeatMs)) worker.unreachableSince = now;
      worker.seenAt = now;
    }
  }

  /**
   * Rows as other servers left them. Older news than our own is ignored; our claims are never touched. Returns the workers
   * that the operator has ejected since: what this process runs there is to be cut off.
   */
  mergeSnapshot(records: readonly WorkerRecord[]): string[] {
    const cutOff: string[] = [];
    for (const record of records) {
      const worker = this.#workers.get(record.id);
      if (worker === undefined) {
        if (record.leftAt === null) this.#put(record);
      } else if (record.registeredAt > worker.record.registeredAt) {
        this.#put(record);
        if (record.leftAt !== null) this.#setLeaving(worker);
      } else if (record.leftAt !== null) {
        if (record.leftAt >= worker.record.registeredAt) this.#setLeaving(worker);
      } else {
        // The operator may move a worker to another pool, or give it an order, while it serves.
        const { pool, order } = record;
        if (order === "ejected" && worker.record.order !== "ejected") cutOff.push(worker.id);
        if (pool !== worker.record.pool || order !== worker.record.order) {
          worker.record = { ...worker.record, pool, order };
        }
        if (record.heartbeatAt > worker.record.heartbeatAt) {
          this.#applyHeartbeat(worker, record, record.heartbeatAt);
        }
      }
    }
    return cutOff;
  }

  /** False when the worker is not known here. A leaving worker's heartbeat is accepted and changes nothing. */
  heartbeat(workerId: string, report: HeartbeatRequest, now: number): boolean {
    const worker = this.#workers.get(workerId);
    if (worker === undefined) return false;
    if (!worker.isLeaving) this.#applyHeartbeat(worker, report, now);
    return true;
  }

  /** No new claim on this worker; those that are open stay until they are released. */
  leave(workerId: string): void {
    const worker = this.#workers.get(workerId);
    if (worker !== undefined) this.#setLeaving(worker);
  }

  /** What the operator wants of the worker, as far as this process knows. */
  orderOf(workerId: string): WorkerOrder {
    return this.#workers.get(workerId)?.record.order ?? "serving";
  }

  isLeaving(workerId: string): boolean {
    return this.#workers.get(workerId)?.isLeaving ?? false;
  }

  applySettings(settings: ReadonlyMap<string, ModelSettings>): void {
    this.#models.applySettings(settings);
  }

  /** Takes a place on the worker that the policy chooses among those that have one. */
  claim(request: ClaimRequest, now: number): ClaimResult {
    const model = this.#models.get(request.model);
    if (
      model === undefined ||
      model.workers.length === 0 ||
      !isOpenTo(model, request.allowExperimental === true)
    ) {
      return { kind: "refused", reason: "unknown_model" };
    }
    let isAnyHealthy = false;
    const candidates: WorkerState[] = [];
    for (const worker of model.workers) {
      if (!isAllowed(worker, request) || worker.health(now, this.#heartbeatMs) !== "healthy") continue;
      isAnyHealthy = true;
      if (worker.outstanding < this.#boundOf(worker)) candidates.push(worker);
    }
    if (!isAnyHealthy) return { kind: "refused", reason: absenceOf(model, request.pools) };
    if (isAtLimit(model)) return { kind: "refused", reason: "all_full" };
    const { affinityKey } = request;
    this.#policyContext.preferredId = affinityKey === undefined ? null : this.#affinity.workerOf(affinityKey);
    const worker = this.#policy(candidates, this.#policyContext);
    if (worker === undefined) return { kind: "refused", reason: "all_full" };
    return { kind: "claimed", claim: this.#take(worker, model, request), url: worker.record.url };
  }

  /** The worker, if it is healthy and has a place; for giving that place to whoever waits for it. */
  workerWithRoom(workerId: string, now: number): WorkerState | null {
    const worker = this.#workers.get(workerId);
    if (worker === undefined || worker.health(now, this.#heartbeatMs) !== "healthy") return null;
    return worker.outstanding < this.#boundOf(worker) ? worker : null;
  }

  /** Takes a place on this very worker, which has room. Null when the request may not go there. */
  claimOn(worker: WorkerState, request: ClaimRequest): Claim | null {
    const model = this.#models.get(request.model);
    if (model === undefined || !this.accepts(worker, request)) return null;
    return this.#take(worker, model, request);
  }

  /** Whether the request may go to the worker, its room aside. */
  accepts(worker: WorkerState, request: ClaimRequest): boolean {
    const model = this.#models.get(request.model);
    return (
      model !== undefined &&
      isOpenTo(model, request.allowExperimental === true) &&
      !isAtLimit(model) &&
      isAllowed(worker, request)
    );
  }

  /** Models with a limit of concurrent requests, by name. */
  limitedModels(): Readonly<ModelState>[] {
    return this.#models.limited().sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** This server's part of a model's limit. */
  shareOf(name: string): number {
    return this.#models.get(name)?.share ?? 0;
  }

  setShare(name: string, share: number): void {
    this.#models.setShare(name, share);
  }

  model(name: string): Readonly<ModelState> | undefined {
    return this.#models.get(name);
  }

  workerIds(): Iterable<string> {
    return this.#workers.keys();
  }

  /** Gives the place back. True the first time, false (and without effect) afterwards. */
  release(claim: Claim): boolean {
    if (!this.#open.delete(claim)) return false;
    const worker = this.#workers.get(claim.workerId);
    if (worker !== undefined) worker.outstanding -= 1;
    this.#models.countClaim(claim.model, -1);
    return true;
  }

  /** The connection was refused or reset: out until a heartbeat or a probe says otherwise. True when that is news. */
  markUnreachable(workerId: string, now: number): boolean {
    const worker = this.#workers.get(workerId);
    if (worker === undefined) return false;
    const isNews = worker.unreachableSince === null;
    worker.unreachableSince = now;
    return isNews;
  }

  /** The worker answered a probe. An ejected one returns on trial: its next error ejects it again, for longer. */
  markReachable(workerId: string, now: number): void {
    const worker = this.#workers.get(workerId);
    if (worker === undefined) return;
    worker.unreachableSince = null;
    if (worker.ejectedUntil !== null && now >= worker.ejectedUntil) readmit(worker, now);
  }

  /** The worker took the connection and answered with an error, or not in time. True when that ejects it. */
  markError(workerId: string, now: number): boolean {
    const worker = this.#workers.get(workerId);
    if (worker === undefined) return false;
    worker.errorsInARow += 1;
    worker.errorsSinceReport += 1;
    if (worker.errorsInARow < ejectAfterErrors || worker.ejectedUntil !== null || worker.isLeaving)
      return false;
    for (const { ejected, most } of this.#quotas(worker.record)) if (ejected + 1 > most) return false;
    worker.ejections = worker.nextEjection(now);
    worker.ejectedUntil = now + ejectionMs(worker.ejections);
    return true;
  }

  markSuccess(workerId: string): void {
    const worker = this.#workers.get(workerId);
    if (worker === undefined) return;
    worker.errorsInARow = 0;
    worker.errorsSinceReport = 0;
  }

  /** Reports changes of health since the last sweep and forgets workers that are gone and hold no claim of ours. */
  sweep(now: number): { changes: HealthChange[]; forgotten: string[] } {
    const changes: HealthChange[] = [];
    const forgotten: WorkerState[] = [];
    for (const worker of this.#workers.values()) {
      const health = worker.health(now, this.#heartbeatMs);
      if (worker.sweptHealth !== undefined && worker.sweptHealth !== health) {
        changes.push({ workerId: worker.id, from: worker.sweptHealth, to: health });
      }
      worker.sweptHealth = health;
      const isLongGone = now - worker.seenAt > memoryIntervals * this.#heartbeatMs;
      if (worker.outstanding === 0 && (worker.isLeaving || isLongGone)) forgotten.push(worker);
    }
    for (const worker of forgotten) {
      this.#models.remove(worker);
      this.#workers.delete(worker.id);
      this.#keepHalf(worker.record, now);
    }
    return { changes, forgotten: forgotten.map(({ id }) => id) };
  }

  /** Workers that a probe could bring back: neither silent nor leaving, and unreachable, or at the end of an ejection. */
  toProbe(now: number): WorkerRecord[] {
    return [...this.#workers.values()]
      .filter(
        (worker) =>
          (worker.unreachableSince !== null ||
            (worker.ejectedUntil !== null && now >= worker.ejectedUntil)) &&
          !worker.isLeaving &&
          !worker.isSilent(now, this.#heartbeatMs),
      )
      .map((worker) => worker.record);
  }

  list(now: number): WorkerListing[] {
    return [...this.#workers.values()].map((worker) => ({
      record: worker.record,
      outstanding: worker.outstanding,
      others: worker.others,
      health: worker.health(now, this.#heartbeatMs),
      seenAt: worker.seenAt,
      errorsInARow: worker.errorsInARow,
      ejectedUntil: worker.ejectedUntil,
    }));
  }

  /** Claims open now over all workers. */
  get openClaims(): number {
    return this.#open.size;
  }

  #boundOf(worker: WorkerState): number {
    return worker.slots + this.#waitingAllowance(worker.slots);
  }

  #take(worker: WorkerState, model: ModelState, request: ClaimRequest): Claim {
    this.#claims += 1;
    worker.lastClaim = this.#claims;
    worker.outstanding += 1;
    if (worker.outstanding > worker.ownPeak) worker.ownPeak = worker.outstanding;
    model.outstanding += 1;
    if (request.affinityKey !== undefined) this.#affinity.remember(request.affinityKey, worker.id);
    const claim: Claim = { workerId: worker.id, model: model.name };
    this.#open.add(claim);
    return claim;
  }

  #applyHeartbeat(worker: WorkerState, report: HeartbeatRequest, at: number): void {
    const { busySlots, queued, tokensPerSecond } = report;
    const heartbeatAt = Math.max(at, worker.record.heartbeatAt);
    worker.record = { ...worker.record, busySlots, queued, tokensPerSecond, heartbeatAt };
    worker.seenAt = Math.max(at, worker.seenAt);
    worker.others = othersLoad(report, worker.ownPeak);
    worker.ownPeak = worker.outstanding;
    // Another server's heartbeat may be older than the refusal that we met.
    if (worker.unreachableSince !== null && at >= worker.unreachableSince) worker.unreachableSince = null;
    worker.errorsSinceReport = 0;
  }

  #put(record: WorkerRecord): WorkerState {
    const known = this.#workers.get(record.id);
    const before = known?.record;
    if (known !== undefined) {
      this.#models.remove(known);
      known.reset(record);
    }
    const worker = known ?? new WorkerState(record);
    this.#workers.set(record.id, worker);
    this.#models.add(worker);
    if (before !== undefined) this.#keepHalf(before, record.registeredAt);
    return worker;
  }

  #setLeaving(worker: WorkerState): void {
    worker.isLeaving = true;
    worker.ejectedUntil = null;
    this.#keepHalf(worker.record, worker.seenAt);
  }

  /** For each model of the worker: how many of its workers are ejected, and how many may be. */
  *#quotas({ models }: WorkerRecord): Iterable<Quota> {
    for (const { name } of models) {
      const staying = (this.#models.get(name)?.workers ?? []).filter((worker) => !worker.isLeaving);
      const ejected = staying.filter((worker) => worker.ejectedUntil !== null);
      yield { ejected: ejected.length, most: mostEjected(staying.length), workers: ejected };
    }
  }

  /** Workers have gone: where more than half of the rest are ejected, those whose term ends first come back early. */
  #keepHalf(record: WorkerRecord, now: number): void {
    for (const { ejected, most, workers } of this.#quotas(record)) {
      const soonest = workers.sort((a, b) => (a.ejectedUntil ?? 0) - (b.ejectedUntil ?? 0));
      for (const worker of soonest.slice(0, Math.max(0, ejected - most))) readmit(worker, now);
    }
  }
}

type Quota = { ejected: number; most: number; workers: WorkerState[] };

export type WorkerListing = {
  record: WorkerRecord;
  outstanding: number;
  /** Requests of other servers there, estimated. */
  others: number;
  health: Health;
  seenAt: number;
  errorsInARow: number;
  /** End of its term, where errors have ejected it. */
  ejectedUntil: number | null;
};

function isAllowed(worker: WorkerState, { tried, pools }: ClaimRequest): boolean {
  return !tried.has(worker.id) && (pools === undefined || pools.includes(worker.record.pool));
}

function readmit(worker: WorkerState, now: number): void {
  worker.ejectedUntil = null;
  worker.errorsInARow = ejectAfterErrors - 1;
  worker.returnedAt = now;
}
