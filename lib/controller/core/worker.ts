import type { Candidate, Health, WorkerRecord } from "./types";

/** Errors in a row after which a worker is a suspect, until a success or its next heartbeat. */
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
  lastClaim = 0;
  /** When a connection was refused or reset; null when none was, or a later heartbeat or probe made up for it. */
  unreachableSince: number | null = null;
  isLeaving = false;
  errorsInARow = 0;
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
    return this.errorsInARow >= suspectAfterErrors;
  }

  /** A new registration: what was held against the old one is dropped, the claims that are still open stay. */
  reset(record: WorkerRecord): void {
    this.record = record;
    this.seenAt = record.heartbeatAt;
    this.unreachableSince = null;
    this.isLeaving = false;
    this.errorsInARow = 0;
  }

  isSilent(now: number, heartbeatMs: number): boolean {
    return now - this.seenAt > silentIntervals * heartbeatMs;
  }

  health(now: number, heartbeatMs: number): Health {
    if (this.isLeaving) return "leaving";
    return this.unreachableSince !== null || this.isSilent(now, heartbeatMs) ? "out" : "healthy";
  }
}
