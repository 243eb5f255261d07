import { forgiveAfterMs } from "./ejection";
import type { Candidate, Health, WorkerRecord } from "./types";

/** Errors after which a worker is a suspect, until a success or its next heartbeat. */
const suspectAfterErrors = 3;

/**
 * Heartbeat intervals without a heartbeat after which a worker is out. Two of them have been missed for certain; the
 * half forgives a late timer.
 */
const silentIntervals = 2.5;

/** A registration together with what this process alone knows: its own claims and what it saw of the worker. */
export class WorkerState implements Candidate {
  record: WorkerRecord;
  /** Latest sign of life: a heartbeat here or at another server, or a probe after a restart. */
  seenAt: number;
  outstanding = 0;
  others = 0;
  /** Most claims of this process at the same time since the latest report. */
  ownPeak = 0;
  lastClaim = 0;
  /** Places given to interactive requests in a row while batch requests waited. */
  interactiveStreak = 0;
  /** When a connection was refused or reset; null when none was, or a later heartbeat or probe made up for it. */
  unreachableSince: number | null = null;
  isLeaving = false;
  /** Errors without a success between them. Heartbeats do not count: a broken engine may report with diligence. */
  errorsInARow = 0;
  errorsSinceReport = 0;
  /** End of the present ejection's term; null when it is not ejected. After the term it still needs a probe. */
  ejectedUntil: number | null = null;
  ejections = 0;
  returnedAt = Number.NEGATIVE_INFINITY;
  /** Health at the last sweep, to report changes. */
  sweptHealth: Health | undefined;

  constructor(record: WorkerRecord) {
    this.record = record;
    this.seenAt = record.heartbeatAt;
  }

  get id(): string {
    return this.record.id;
  }

  get slots(): number {
    return this.record.slots;
  }

  get tokensPerSecond(): number | null {
    return this.record.tokensPerSecond;
  }

  get isSuspect(): boolean {
    return this.errorsSinceReport >= suspectAfterErrors;
  }

  /** A new registration: what was held against the old one is dropped, the claims that are still open stay. */
  reset(record: WorkerRecord): void {
    this.record = record;
    this.seenAt = record.heartbeatAt;
    this.others = 0;
    this.ownPeak = this.outstanding;
    this.unreachableSince = null;
    this.isLeaving = false;
    this.errorsInARow = 0;
    this.errorsSinceReport = 0;
    this.ejectedUntil = null;
    this.ejections = 0;
    this.returnedAt = Number.NEGATIVE_INFINITY;
  }

  /** The number of this ejection, from 1. */
  nextEjection(now: number): number {
    return now - this.returnedAt > forgiveAfterMs ? 1 : this.ejections + 1;
  }

  isSilent(now: number, heartbeatMs: number): boolean {
    return now - this.seenAt > silentIntervals * heartbeatMs;
  }

  health(now: number, heartbeatMs: number): Health {
    if (this.isLeaving) return "leaving";
    if (this.record.order === "ejected") return "ejected";
    if (this.unreachableSince !== null || this.isSilent(now, heartbeatMs)) return "out";
    if (this.record.order !== "serving") return "draining";
    return this.ejectedUntil === null ? "healthy" : "ejected";
  }
}
