/**
 * Signals that are aborted together when nobody can wait any longer. One for each piece of work: Node 20 keeps whatever `any` made
 * of a signal that lives as long as the process.
 */
export class Patience {
  readonly #waiting = new Set<AbortController>();
  #hasEnded = false;

  /** Gives `work` a signal that aborts when the patience ends; at once where it has. */
  async during<T>(work: (hurry: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    if (this.#hasEnded) controller.abort();
    this.#waiting.add(controller);
    try {
      return await work(controller.signal);
    } finally {
      this.#waiting.delete(controller);
    }
  }

  end(): void {
    this.#hasEnded = true;
    for (const controller of this.#waiting) controller.abort();
  }
}
