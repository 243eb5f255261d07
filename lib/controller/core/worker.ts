import { forgiveAfterMs } from "./ejection";
import type { Candidate, Claim, Health, WorkerRecord } from "./types";

/** Errors after which a worker is a suspect, until a success or its next heartbeat. */
const suspectAfterErrors = 3;

/**
 * Heartbeat intervals without a heartbeat after which a worker is out. Two of them have been missed for certain; the
 * half forgives a late timer.
 */
const silentIntervals = 2.5;

/**
 * Heartbeat intervals without a sign of life after which the worker itself is asked for one: later than a heartbeat comes that
 * another server has received, and early enough for an answer before the worker counts as silent.
 */
const quietIntervals = 1.75;

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

/** A registration together with what this process alone knows: its own claims and what it saw of the worker. */
export class WorkerState implements Candidate {
  record: WorkerRecord;
  /** Latest sign of life: a heartbeat here or at another server, or the answer to a probe. */
  seenAt: number;
  outstanding = 0;
  /** Of these, for people. */
  people = 0;
  /** Most claims that this process may hold here; other servers have the rest of the worker's places. */
  share = Number.POSITIVE_INFINITY;
  others = 0;
  /** Most claims of this process at the same time since the latest report. */
  ownPeak = 0;
  lastClaim = 0;
  /** Places given to interactive requests in a row while batch requests waited. */
  interactiveStreak = 0;
  /** When a connection was refused or reset; null when none was, or a later heartbeat or probe made up for it. */
  unreachableSince: number | null = null;
  isLeaving = false;
  /**
   * unproven: another join token's worker has this address too, and it has not taken this one's secret (yet); proven: it has
   * taken it since; assumed: nobody else has the address.
   */
  address: "assumed" | "unproven" | "proven" = "assumed";
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

  /** `serial`: of the claim, in this process. */
  hold({ isForPerson }: Claim, serial: number): void {
    this.lastClaim = serial;
    this.outstanding += 1;
    if (isForPerson) this.people += 1;
    if (this.outstanding > this.ownPeak) this.ownPeak = this.outstanding;
  }

  /** True where another server is waiting for the place. */
  letGo({ isForPerson }: Claim): boolean {
    this.outstanding -= 1;
    if (isForPerson) this.people -= 1;
    return this.outstanding >= this.share;
  }

  /** A new registration: what was held against the old one is dropped, the claims that are still open stay. */
  reset(record: WorkerRecord): void {
    this.record = record;
    this.seenAt = record.heartbeatAt;
    this.others = 0;
    this.ownPeak = this.outstanding;
    this.unreachableSince = null;
    this.isLeaving = false;
    this.address = "assumed";
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

  /** Nothing was heard of it for long enough to ask. */
  isQuiet(now: number, heartbeatMs: number): boolean {
    return now - this.seenAt > quietIntervals * heartbeatMs;
  }

  /** Whether it would get requests, but for an ejection by errors. */
  couldServe(now: number, heartbeatMs: number): boolean {
    return !this.isLeaving && this.record.order === "serving" && !this.#isOut(now, heartbeatMs);
  }

  /** Whether it can be expected to serve, without anybody changing their mind. */
  get mayServeAgain(): boolean {
    const { order } = this.record;
    return order === "restarting" || (order === "serving" && !this.isLeaving);
  }

  health(now: number, heartbeatMs: number): Health {
    if (this.isLeaving) return "leaving";
    if (this.record.order === "ejected") return "ejected";
    if (this.#isOut(now, heartbeatMs)) return "out";
    if (this.record.order !== "serving") return "draining";
    return this.ejectedUntil === null ? "healthy" : "ejected";
  }

  /** Whether a probe could bring it back. */
  awaitsProbe(now: number, heartbeatMs: number): boolean {
    if (this.isLeaving || this.isSilent(now, heartbeatMs)) return false;
    const isTermOver = this.ejectedUntil !== null && now >= this.ejectedUntil;
    return this.unreachableSince !== null || this.address === "unproven" || isTermOver;
  }

  listing(now: number, heartbeatMs: number): WorkerListing {
    const { record, outstanding, others, seenAt, errorsInARow, ejectedUntil } = this;
    const health = this.health(now, heartbeatMs);
    return { record, outstanding, others, health, seenAt, errorsInARow, ejectedUntil };
  }

  #isOut(now: number, heartbeatMs: number): boolean {
    return this.unreachableSince !== null || this.address === "unproven" || this.isSilent(now, heartbeatMs);
  }
}
