import type { HeartbeatRequest, WorkerOrder } from "@/lib/protocol";
import { contest, displacedBy, prove } from "./address-contest";
import { AffinityMap } from "./affinity";
import { dispatchPolicies } from "./dispatch-policy";
import { ejectAfterErrors, ejectionMs } from "./ejection";
import { EjectionQuota, readmit } from "./ejection-quota";
import { absenceOf, isAtLimit, isOpenTo, ModelIndex, type ModelState } from "./model-index";
import { OpenClaims } from "./open-claims";
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
  Refusal,
  RegistryOptions,
  WorkerRecord,
} from "./types";
import { type WorkerListing, WorkerState } from "./worker";
import { defaultWaitingAllowance, WorkerPlaces } from "./worker-places";

/** How long a silent worker is remembered, in heartbeat intervals: its models answer 503 for that long, then 404. */
const memoryIntervals = 60;

/**
 * This process's view of the workers, and the claims that it holds on them.
 *
 * Every method is synchronous and takes the time as an argument, so a claim is atomic and a run can be replayed.
 * Invariants, each a property test: a worker never gets more claims than its bound or this server's share of it, nor a
 * model more than its limit; each claim is released once; only a healthy worker is chosen; at most half of the workers that
 * could serve a model are ejected; nothing that comes from outside (heartbeat, snapshot, re-registration) changes the count
 * of open claims, because only this process knows it.
 */
export class WorkerRegistry {
  readonly #heartbeatMs: number;
  readonly #places: WorkerPlaces;
  readonly #policy: DispatchPolicy;
  readonly #policyContext: { preferredId: string | null } & PolicyContext;
  readonly #workers = new Map<string, WorkerState>();
  readonly #models: ModelIndex;
  readonly #quota: EjectionQuota;
  readonly #affinity = new AffinityMap();
  readonly #claims = new OpenClaims();
  #isOwing = false;

  constructor(options: RegistryOptions) {
    this.#heartbeatMs = options.heartbeatMs;
    this.#models = new ModelIndex(options.isLimitShared === true ? 0 : Number.POSITIVE_INFINITY);
    this.#quota = new EjectionQuota(this.#models, options.heartbeatMs);
    this.#places = new WorkerPlaces({
      waitingAllowance: options.waitingAllowance ?? defaultWaitingAllowance,
      areShared: options.areWorkersShared === true,
    });
    this.#policy = dispatchPolicies[options.policy ?? "least_outstanding"];
    this.#policyContext = { preferredId: null, random: options.random ?? (() => 0) };
  }

  /** A worker has just registered here. What that means for others at its address: {@link contest}. */
  register(record: WorkerRecord): void {
    const displaced = displacedBy(this.#put(record, record.registeredAt), this.#workers.values());
    for (const other of displaced) this.#setLeaving(other, record.registeredAt);
  }

  /**
   * Takes over the rows that were there when this process started. A row whose heartbeats stopped may only have missed
   * them because no server was up: it is out until a probe succeeds, and has the usual time to report again.
   */
  restore(records: readonly WorkerRecord[], now: number): void {
    for (const record of records) {
      if (record.leftAt !== null || this.#workers.has(record.id)) continue;
      const worker = this.#put(record, now);
      if (worker.isSilent(now, this.#heartbeatMs)) worker.unreachableSince = now;
      worker.seenAt = now;
    }
  }

  /**
   * Rows as other servers left them. Older news than our own is ignored; our claims are never touched. Returns the workers
   * that the operator has ejected since: what this process runs there is to be cut off.
   */
  mergeSnapshot(records: readonly WorkerRecord[], now: number): string[] {
    const cutOff: string[] = [];
    for (const record of records) {
      const worker = this.#workers.get(record.id);
      if (worker === undefined) {
        if (record.leftAt === null) this.#put(record, now);
      } else if (record.registeredAt > worker.record.registeredAt) {
        this.#put(record, now);
        if (record.leftAt !== null) this.#setLeaving(worker, now);
      } else if (record.leftAt !== null) {
        if (record.leftAt >= worker.record.registeredAt) this.#setLeaving(worker, now);
      } else {
        // The operator may move a worker to another pool, or give it an order, while it serves.
        const { pool, order } = record;
        if (order === "ejected" && worker.record.order !== "ejected") cutOff.push(worker.id);
        if (pool !== worker.record.pool || order !== worker.record.order) {
          worker.record = { ...worker.record, pool, order };
          this.#quota.keep(worker.record, now);
        }
        if (record.heartbeatAt > worker.record.heartbeatAt) {
          this.#applyHeartbeat(worker, record, record.heartbeatAt, now);
        }
      }
    }
    return cutOff;
  }

  /** False when the worker is not known here. A leaving worker's heartbeat is accepted and changes nothing. */
  heartbeat(workerId: string, report: HeartbeatRequest, now: number): boolean {
    const worker = this.#workers.get(workerId);
    if (worker === undefined) return false;
    if (!worker.isLeaving) this.#applyHeartbeat(worker, report, now, now);
    return true;
  }

  /** No new claim on this worker; those that are open stay until they are released. */
  leave(workerId: string, now: number): void {
    const worker = this.#workers.get(workerId);
    if (worker !== undefined) this.#setLeaving(worker, now);
  }

  /** What the operator wants of the worker, as far as this process knows. */
  orderOf(workerId: string): WorkerOrder {
    return this.#workers.get(workerId)?.record.order ?? "serving";
  }

  /** Undefined where the worker is not known. */
  health(workerId: string, now: number): Health | undefined {
    return this.#workers.get(workerId)?.health(now, this.#heartbeatMs);
  }

  applySettings(settings: ReadonlyMap<string, ModelSettings>): void {
    this.#models.applySettings(settings);
  }

  /** Takes a place on the worker that the policy chooses among those that have one. */
  claim(request: ClaimRequest, now: number): ClaimResult {
    const model = this.#openModel(request);
    if (model === undefined) return { kind: "refused", reason: "unknown_model" };
    let isAnyHealthy = false;
    const candidates: WorkerState[] = [];
    for (const worker of model.workers) {
      if (!isAllowed(worker, request) || worker.health(now, this.#heartbeatMs) !== "healthy") continue;
      isAnyHealthy = true;
      if (this.#places.hasRoom(worker)) candidates.push(worker);
    }
    if (!isAnyHealthy) return { kind: "refused", reason: absenceOf(model, request.pools) };
    if (isAtLimit(model)) return { kind: "refused", reason: "all_full" };
    const { affinityKey } = request;
    this.#policyContext.preferredId = affinityKey === undefined ? null : this.#affinity.workerOf(affinityKey);
    const worker = this.#policy(candidates, this.#policyContext);
    if (worker === undefined) return { kind: "refused", reason: "all_full" };
    return { kind: "claimed", claim: this.#take(worker, model, request), url: worker.record.url };
  }

  /**
   * Why the request waits in vain; null while it does not. A worker that is out, ejected by errors or restarting may be back
   * before the request's deadline; one that leaves, or that the operator has taken out, is gone for this request.
   */
  hopelessness(request: ClaimRequest): Refusal | null {
    const model = this.#openModel(request);
    if (model === undefined) return "unknown_model";
    const isHoped = model.workers.some((worker) => isAllowed(worker, request) && worker.mayServeAgain);
    return isHoped ? null : "none_healthy";
  }

  /** The worker, if it is healthy and has a place; for giving that place to whoever waits for it. */
  workerWithRoom(workerId: string, now: number): WorkerState | null {
    const worker = this.#workers.get(workerId);
    if (worker === undefined || worker.health(now, this.#heartbeatMs) !== "healthy") return null;
    return this.#places.hasRoom(worker) ? worker : null;
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
  setShare(name: string, share: number): void {
    this.#models.setShare(name, share);
  }

  /** Workers whose places several servers divide, with the number of places that each has altogether. */
  sharedWorkers(): { worker: Readonly<WorkerState>; places: number }[] {
    return [...this.#workers.values()].map((worker) => ({ worker, places: this.#places.of(worker) }));
  }

  /** This server's part of a worker's places. */
  setWorkerShare(workerId: string, share: number): void {
    const worker = this.#workers.get(workerId);
    if (worker !== undefined) worker.share = share;
  }

  /** How many servers divide the places of the workers. */
  setServers(count: number): void {
    this.#places.servers = count;
  }

  /** Whether, since the last call, a place was given back that another server is waiting for. */
  takeOwing(): boolean {
    const isOwing = this.#isOwing;
    this.#isOwing = false;
    return isOwing;
  }

  model(name: string): Readonly<ModelState> | undefined {
    return this.#models.get(name);
  }

  workerIds(): Iterable<string> {
    return this.#workers.keys();
  }

  /** Gives the place back. True the first time, false (and without effect) afterwards. */
  release(claim: Claim): boolean {
    if (!this.#claims.close(claim)) return false;
    if (this.#workers.get(claim.workerId)?.letGo(claim) === true) this.#isOwing = true;
    if (this.#models.countRelease(claim)) this.#isOwing = true;
    return true;
  }

  /** The connection was refused or reset: out until a heartbeat or a probe says otherwise. True when that is news. */
  markUnreachable(workerId: string, now: number): boolean {
    const worker = this.#workers.get(workerId);
    if (worker === undefined) return false;
    const isNews = worker.unreachableSince === null;
    worker.unreachableSince = now;
    if (isNews) this.#quota.keep(worker.record, now);
    return isNews;
  }

  /**
   * The worker answered a probe, which is as good as a heartbeat. An ejected one returns on trial: its next error ejects it
   * again, for longer. Returns the workers that have lost their address to it, which are leaving now.
   */
  markReachable(workerId: string, now: number): string[] {
    const worker = this.#workers.get(workerId);
    if (worker === undefined) return [];
    worker.unreachableSince = null;
    worker.seenAt = Math.max(now, worker.seenAt);
    if (worker.ejectedUntil !== null && now >= worker.ejectedUntil) readmit(worker, now);
    const displaced = prove(worker, this.#workers.values());
    for (const other of displaced) this.#setLeaving(other, now);
    this.#quota.keep(worker.record, now);
    return displaced.map(({ id }) => id);
  }

  /** The worker took the connection and answered with an error, or not in time. True when that ejects it. */
  markError(workerId: string, now: number): boolean {
    const worker = this.#workers.get(workerId);
    if (worker === undefined) return false;
    worker.errorsInARow += 1;
    worker.errorsSinceReport += 1;
    if (worker.errorsInARow < ejectAfterErrors || worker.ejectedUntil !== null) return false;
    if (!this.#quota.allows(worker, now)) return false;
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
      // Silence comes without a call.
      if (health === "out") this.#quota.keep(worker.record, now);
      const isLongGone = now - worker.seenAt > memoryIntervals * this.#heartbeatMs;
      if (worker.outstanding === 0 && (worker.isLeaving || isLongGone)) forgotten.push(worker);
    }
    for (const worker of forgotten) {
      this.#models.remove(worker);
      this.#workers.delete(worker.id);
    }
    return { changes, forgotten: forgotten.map(({ id }) => id) };
  }

  /** Workers of which nothing has been heard for a while: their answer to a probe is to say whether they are still there. */
  quiet(now: number): WorkerRecord[] {
    return this.#recordsWhere((worker) => !worker.isLeaving && worker.isQuiet(now, this.#heartbeatMs));
  }

  /** Workers that a probe could bring back: neither silent nor leaving, and unreachable, unproven, or at the end of an ejection. */
  toProbe(now: number): WorkerRecord[] {
    return this.#recordsWhere((worker) => worker.awaitsProbe(now, this.#heartbeatMs));
  }

  list(now: number): WorkerListing[] {
    return [...this.#workers.values()].map((worker) => worker.listing(now, this.#heartbeatMs));
  }

  /** Claims open now over all workers. */
  get openClaims(): number {
    return this.#claims.size;
  }

  /** Undefined where nobody offers the model, or it does not exist for this request. */
  #openModel({ model: name, allowExperimental }: ClaimRequest): ModelState | undefined {
    const model = this.#models.get(name);
    if (model === undefined || model.workers.length === 0) return undefined;
    return isOpenTo(model, allowExperimental === true) ? model : undefined;
  }

  #recordsWhere(isOne: (worker: WorkerState) => boolean): WorkerRecord[] {
    return [...this.#workers.values()].filter(isOne).map(({ record }) => record);
  }

  #take(worker: WorkerState, model: ModelState, request: ClaimRequest): Claim {
    const isForPerson = request.priority === "interactive";
    const claim = this.#claims.take(worker.id, model.name, isForPerson);
    worker.hold(claim, this.#claims.taken);
    model.outstanding += 1;
    if (isForPerson) model.people += 1;
    if (request.affinityKey !== undefined) this.#affinity.remember(request.affinityKey, worker.id);
    return claim;
  }

  #applyHeartbeat(worker: WorkerState, report: HeartbeatRequest, at: number, now: number): void {
    const { busySlots, queued, tokensPerSecond } = report;
    const heartbeatAt = Math.max(at, worker.record.heartbeatAt);
    worker.record = { ...worker.record, busySlots, queued, tokensPerSecond, heartbeatAt };
    const wasOut = worker.unreachableSince !== null || worker.isSilent(now, this.#heartbeatMs);
    worker.seenAt = Math.max(at, worker.seenAt);
    worker.others = othersLoad(report, worker.ownPeak);
    worker.ownPeak = worker.outstanding;
    // Another server's heartbeat may be older than the refusal that we met.
    if (worker.unreachableSince !== null && at >= worker.unreachableSince) worker.unreachableSince = null;
    worker.errorsSinceReport = 0;
    if (wasOut) this.#quota.keep(worker.record, now);
  }

  #put(record: WorkerRecord, now: number): WorkerState {
    const known = this.#workers.get(record.id);
    const before = known?.record;
    if (known !== undefined) {
      this.#models.remove(known);
      known.reset(record);
    }
    const worker = known ?? new WorkerState(record);
    if (known === undefined) worker.share = this.#places.firstShareOf(worker);
    this.#workers.set(record.id, worker);
    this.#models.add(worker);
    // Of models that it does not offer any more.
    if (before !== undefined) this.#quota.keep(before, now);
    if (record.leftAt === null) contest(this.#workers.values(), worker);
    return worker;
  }

  #setLeaving(worker: WorkerState, now: number): void {
    worker.isLeaving = true;
    worker.ejectedUntil = null;
    this.#quota.keep(worker.record, now);
  }
}

function isAllowed(worker: WorkerState, { tried, pools }: ClaimRequest): boolean {
  return !tried.has(worker.id) && (pools === undefined || pools.includes(worker.record.pool));
}
