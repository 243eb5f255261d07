/** Time limits that can all be cut short together. Own timers: Node 20 keeps what was made of a long-lived signal by `any`. */
export class Patience {
  readonly #limits = new Set<AbortController>();
  #hasEnded = false;

  /** Gives `work` a signal that aborts after `ms`, or when the patience ends. */
  async within<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = new AbortController();
    if (this.#hasEnded) abort(limit);
    this.#limits.add(limit);
    const timer = setTimeout(() => abort(limit), ms);
    try {
      return await work(limit.signal);
    } finally {
      clearTimeout(timer);
      this.#limits.delete(limit);
    }
  }

  /** All signals abort now, and those still to be given at once. */
  end(): void {
    this.#hasEnded = true;
    for (const limit of this.#limits) abort(limit);
  }
}

const abort = (limit: AbortController): void =>
  limit.abort(new DOMException("It took too long.", "TimeoutError"));
