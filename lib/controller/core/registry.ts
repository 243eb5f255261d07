import type { HeartbeatRequest } from "@/lib/protocol";
import type { Priority } from "../types";
import { leastOutstanding } from "./least-outstanding";
import type {
  Claim,
  ClaimRequest,
  ClaimResult,
  Health,
  HealthChange,
  RegistryOptions,
  WorkerRecord,
} from "./types";
import { WorkerState } from "./worker";

/** How long a silent worker is remembered, in heartbeat intervals: its models answer 503 for that long, then 404. */
const memoryIntervals = 60;

/**
 * Requests that may wait inside a worker beyond its slots, where nothing else is configured: enough for a program that
 * opens a few dozen connections, and few enough that the last one is served before its first byte is overdue.
 */
export const defaultWaitingAllowance = (slots: number): number => 64 + 4 * slots;

/**
 * This process's view of the workers, and the claims that it holds on them.
 *
 * Every method is synchronous and takes the time as an argument, so a claim is atomic and a run can be replayed.
 * Invariants, each a property test: a worker never holds more claims than its bound; each claim is released once; only
 * a healthy worker is chosen; nothing that comes from outside (heartbeat, snapshot, re-registration) changes the count
 * of open claims, because only this process knows it.
 */
export class WorkerRegistry {
  readonly #heartbeatMs: number;
  readonly #waitingAllowance: (slots: number) => number;
  readonly #workers = new Map<string, WorkerState>();
  readonly #byModel = new Map<string, WorkerState[]>();
  readonly #open = new Set<Claim>();
  #claims = 0;

  constructor(options: RegistryOptions) {
    this.#heartbeatMs = options.heartbeatMs;
    this.#waitingAllowance = options.waitingAllowance ?? defaultWaitingAllowance;
  }

  /** A worker has just registered here. An address has one listener, so an older worker at the same address is gone. */
  register(record: WorkerRecord): void {
    for (const other of this.#workers.values()) {
      if (other.id !== record.id && other.record.url === record.url) other.isLeaving = true;
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

  /** Rows as other servers left them. Older news than our own is ignored; our claims are never touched. */
  mergeSnapshot(records: readonly WorkerRecord[]): void {
    for (const record of records) {
      const worker = this.#workers.get(record.id);
      if (worker === undefined) {
        if (record.leftAt === null) this.#put(record);
      } else if (record.registeredAt > worker.record.registeredAt) {
        this.#put(record);
        worker.isLeaving = record.leftAt !== null;
      } else if (record.leftAt !== null) {
        if (record.leftAt >= worker.record.registeredAt) worker.isLeaving = true;
      } else if (record.heartbeatAt > worker.record.heartbeatAt) {
        this.#applyHeartbeat(worker, record, record.heartbeatAt);
      }
    }
  }

  /** False when the worker is not known here. A leaving worker's heartbeat is accepted and changes nothing. */
  heartbeat(workerId: string, report: HeartbeatRequest, now: number): boolean {
    const worker = this.#workers.get(workerId);
    if (worker === undefined) return false;
    if (!worker.isLeaving) this.#applyHeartbeat(worker, report, now);
    return true;
  }

  leave(workerId: string): void {
    const worker = this.#workers.get(workerId);
    if (worker !== undefined) worker.isLeaving = true;
  }

  isLeaving(workerId: string): boolean {
    return this.#workers.get(workerId)?.isLeaving ?? false;
  }

  /** Takes a place on the best worker that has one. */
  claim(request: ClaimRequest, now: number): ClaimResult {
    const offering = this.#byModel.get(request.model);
    if (offering === undefined) return { kind: "refused", reason: "unknown_model" };
    let isAnyHealthy = false;
    const candidates: WorkerState[] = [];
    for (const worker of offering) {
      if (request.tried.has(worker.id) || worker.health(now, this.#heartbeatMs) !== "healthy") continue;
      isAnyHealthy = true;
      if (worker.outstanding < this.#bound(worker, request.priority)) candidates.push(worker);
    }
    const worker = leastOutstanding(candidates);
    if (worker === undefined) {
      return { kind: "refused", reason: isAnyHealthy ? "all_full" : "none_healthy" };
    }
    this.#claims += 1;
    worker.lastClaim = this.#claims;
    worker.outstanding += 1;
    const claim: Claim = { workerId: worker.id, model: request.model };
    this.#open.add(claim);
    return { kind: "claimed", claim, url: worker.record.url };
  }

  /** Gives the place back. True the first time, false (and without effect) afterwards. */
  release(claim: Claim): boolean {
    if (!this.#open.delete(claim)) return false;
    const worker = this.#workers.get(claim.workerId);
    if (worker !== undefined) worker.outstanding -= 1;
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

  /** The worker answered a probe. */
  markReachable(workerId: string): void {
    const worker = this.#workers.get(workerId);
    if (worker !== undefined) worker.unreachableSince = null;
  }

  /** The worker took the connection and answered with an error, or not in time. */
  markError(workerId: string): void {
    const worker = this.#workers.get(workerId);
    if (worker !== undefined) worker.errorsInARow += 1;
  }

  markSuccess(workerId: string): void {
    const worker = this.#workers.get(workerId);
    if (worker !== undefined) worker.errorsInARow = 0;
  }

  /** Reports changes of health since the last sweep and forgets workers that are gone and hold no claim of ours. */
  sweep(now: number): { changes: HealthChange[]; forgotten: string[] } {
    const changes: HealthChange[] = [];
    const forgotten: string[] = [];
    for (const worker of this.#workers.values()) {
      const health = worker.health(now, this.#heartbeatMs);
      if (worker.sweptHealth !== undefined && worker.sweptHealth !== health) {
        changes.push({ workerId: worker.id, from: worker.sweptHealth, to: health });
      }
      worker.sweptHealth = health;
      const isLongGone = now - worker.seenAt > memoryIntervals * this.#heartbeatMs;
      if (worker.outstanding === 0 && (worker.isLeaving || isLongGone)) forgotten.push(worker.id);
    }
    for (const id of forgotten) this.#forget(id);
    return { changes, forgotten };
  }

  /** Workers that a probe could bring back: not silent, not leaving, and unreachable when last tried. */
  unreachable(now: number): WorkerRecord[] {
    return [...this.#workers.values()]
      .filter(
        (worker) =>
          worker.unreachableSince !== null && !worker.isLeaving && !worker.isSilent(now, this.#heartbeatMs),
      )
      .map((worker) => worker.record);
  }

  list(now: number): { record: WorkerRecord; outstanding: number; health: Health; seenAt: number }[] {
    return [...this.#workers.values()].map((worker) => ({
      record: worker.record,
      outstanding: worker.outstanding,
      health: worker.health(now, this.#heartbeatMs),
      seenAt: worker.seenAt,
    }));
  }

  /** Claims open now over all workers. */
  get openClaims(): number {
    return this.#open.size;
  }

  /** The last half of the waiting places is kept for people, so that programs cannot shut them out. */
  #bound(worker: WorkerState, priority: Priority): number {
    const waiting = this.#waitingAllowance(worker.slots);
    return worker.slots + (priority === "interactive" ? waiting : Math.floor(waiting / 2));
  }

  #applyHeartbeat(worker: WorkerState, report: HeartbeatRequest, at: number): void {
    const { busySlots, queued, tokensPerSecond } = report;
    const heartbeatAt = Math.max(at, worker.record.heartbeatAt);
    worker.record = { ...worker.record, busySlots, queued, tokensPerSecond, heartbeatAt };
    worker.seenAt = Math.max(at, worker.seenAt);
    // Another server's heartbeat may be older than the refusal that we met.
    if (worker.unreachableSince !== null && at >= worker.unreachableSince) worker.unreachableSince = null;
    worker.errorsInARow = 0;
  }

  #put(record: WorkerRecord): WorkerState {
    const known = this.#workers.get(record.id);
    if (known !== undefined) {
      this.#unindex(known);
      known.reset(record);
    }
    const worker = known ?? new WorkerState(record);
    this.#workers.set(record.id, worker);
    for (const name of new Set(record.models.map((model) => model.name))) {
      const offering = this.#byModel.get(name);
      if (offering === undefined) this.#byModel.set(name, [worker]);
      else offering.push(worker);
    }
    return worker;
  }

  #forget(workerId: string): void {
    const worker = this.#workers.get(workerId);
    if (worker === undefined) return;
    this.#unindex(worker);
    this.#workers.delete(workerId);
  }

  #unindex(worker: WorkerState): void {
    for (const { name } of worker.record.models) {
      const rest = this.#byModel.get(name)?.filter((other) => other !== worker) ?? [];
      if (rest.length === 0) this.#byModel.delete(name);
      else this.#byModel.set(name, rest);
    }
  }
}
