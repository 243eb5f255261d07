import { SlidingCount } from "./sliding-count";

export type RetryBudgetOptions = {
  /** Retries for each request of the window. Default 0.2. */
  ratio?: number;
  /** Retries of a window that are always allowed, so that a quiet site can retry at all. Default 10. */
  floor?: number;
  /** Default 10 s. */
  windowMs?: number;
};

/**
 * Keeps retries to a share of the requests: when everything fails, a second and third try for each request would only
 * treble the load of workers that are failing under it.
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #floor: number;
  readonly #requests: SlidingCount;
  readonly #retries: SlidingCount;

  constructor({ ratio = 0.2, floor = 10, windowMs = 10_000 }: RetryBudgetOptions = {}) {
    this.#ratio = ratio;
    this.#floor = floor;
    this.#requests = new SlidingCount(windowMs);
    this.#retries = new SlidingCount(windowMs);
  }

  countRequest(now: number): void {
    this.#requests.add(now);
  }

  /** Takes one retry; false, and nothing taken, when there is none left. */
  takeRetry(now: number): boolean {
    const allowed = this.#floor + this.#ratio * this.#requests.total(now);
    if (this.#retries.total(now) + 1 > allowed) return false;
    this.#retries.add(now);
    return true;
  }
}
