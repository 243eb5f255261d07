const buckets = 10;

/** Counts what happened within the latest `windowMs`, a tenth of the window more or less, in constant space. */
export class SlidingCount {
  readonly #bucketMs: number;
  readonly #counts = new Array<number>(buckets).fill(0);
  #latest = 0;
  #total = 0;

  constructor(windowMs: number) {
    this.#bucketMs = windowMs / buckets;
  }

  add(now: number): void {
    this.#advance(now);
    const at = this.#latest % buckets;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#total += 1;
  }

  total(now: number): number {
    this.#advance(now);
    return this.#total;
  }

  /** Empties the buckets that have been passed. A clock that goes back stays in the latest one. */
  #advance(now: number): void {
    const bucket = Math.floor(now / this.#bucketMs);
    const passed = Math.min(bucket - this.#latest, buckets);
    if (passed <= 0) return;
    for (let i = 1; i <= passed; i += 1) {
      const at = (bucket - passed + i) % buckets;
      this.#total -= this.#counts[at] ?? 0;
      this.#counts[at] = 0;
    }
    this.#latest = bucket;
  }
}
