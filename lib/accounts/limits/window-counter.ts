/**
 * Requests and tokens of one key in windows of time, as one server sees them: what the servers together had counted at
 * the last exchange, and what this one has let through since then.
 *
 * A day is a fixed window, in UTC, so that it agrees with the usage by day. A minute slides: the minute before counts in
 * proportion to how much of it the last 60 s still cover, which takes two numbers instead of a list of times. It assumes
 * that the minute before was used evenly; a fixed minute would let a whole budget pass twice within a second.
 */
export type Amount = { requests: number; tokens: number };
export type Measure = keyof Amount;

export type WindowKind = "minute" | "day";

export const windowMs: Record<WindowKind, number> = { minute: 60_000, day: 86_400_000 };

type Bucket = {
  /** Counted by the database, including this server's part of it. */
  shared: Amount;
  /** Sent to the database, not known to have arrived. */
  sending: Amount;
  pending: Amount;
};

export class WindowCounter {
  readonly kind: WindowKind;
  /** By start of the window, milliseconds since the epoch. */
  readonly buckets = new Map<number, Bucket>();
  readonly #size: number;
  /** Looked at a dozen times with each request: the window of now and the one before. */
  #current: { start: number; bucket: Bucket | undefined; previous: Bucket | undefined } | null = null;

  constructor(kind: WindowKind) {
    this.kind = kind;
    this.#size = windowMs[kind];
  }

  startOf(now: number): number {
    return now - (now % this.#size);
  }

  /** Counts, or with negative numbers takes back, in the window that begins at `start`. */
  add(start: number, amount: Amount): void {
    const bucket = this.bucket(start);
    bucket.pending.requests += amount.requests;
    bucket.pending.tokens += amount.tokens;
  }

  /** What counts against the limit now. Not an integer while a minute slides. */
  used(measure: Measure, now: number): number {
    const { current, previous, weight } = this.#view(measure, now);
    return current + previous * weight;
  }

  /** Milliseconds until `cost` more fits into `limit` if nobody else uses it; null where it never will. */
  msUntilFits(measure: Measure, cost: number, limit: number, now: number): number | null {
    if (cost > limit) return null;
    const { current, previous, weight } = this.#view(measure, now);
    const room = limit - cost;
    if (current + previous * weight <= room) return 0;
    const start = this.startOf(now);
    const untilNext = start + this.#size - now;
    if (this.kind === "day") return untilNext;
    // Within this minute only the one before fades; in the next, this one does.
    if (current <= room) return Math.ceil(start + this.#size * (1 - (room - current) / previous) - now);
    return Math.ceil(untilNext + this.#size * (1 - room / current));
  }

  /** Milliseconds until nothing counts any more. */
  msUntilEmpty(measure: Measure, now: number): number {
    const { current, previous } = this.#view(measure, now);
    const untilNext = this.startOf(now) + this.#size - now;
    if (current > 0) return this.kind === "day" ? untilNext : untilNext + this.#size;
    return previous > 0 ? untilNext : 0;
  }

  /** Windows that still matter, or that hold something the database has not been told. */
  prune(now: number): void {
    const oldest = this.startOf(now) - (this.kind === "minute" ? this.#size : 0);
    for (const [start, { sending, pending }] of this.buckets) {
      const isTold = [sending, pending].every(({ requests, tokens }) => requests === 0 && tokens === 0);
      if (start < oldest && isTold) this.buckets.delete(start);
    }
    this.#current = null;
  }

  bucket(start: number): Bucket {
    let bucket = this.buckets.get(start);
    if (bucket === undefined) {
      bucket = { shared: nothing(), sending: nothing(), pending: nothing() };
      this.buckets.set(start, bucket);
      this.#current = null;
    }
    return bucket;
  }

  #view(measure: Measure, now: number): { current: number; previous: number; weight: number } {
    const start = this.startOf(now);
    if (this.#current?.start !== start) {
      const [bucket, previous] = [this.buckets.get(start), this.buckets.get(start - this.#size)];
      this.#current = { start, bucket, previous };
    }
    const current = total(this.#current.bucket, measure);
    if (this.kind === "day") return { current, previous: 0, weight: 0 };
    const previous = total(this.#current.previous, measure);
    return { current, previous, weight: 1 - (now - start) / this.#size };
  }
}

export const nothing = (): Amount => ({ requests: 0, tokens: 0 });

function total(bucket: Bucket | undefined, measure: Measure): number {
  if (bucket === undefined) return 0;
  const { shared, sending, pending } = bucket;
  const sum =
    measure === "requests"
      ? shared.requests + sending.requests + pending.requests
      : shared.tokens + sending.tokens + pending.tokens;
  return Math.max(0, sum);
}
