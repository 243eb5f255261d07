/** Lets so many in at a time; the others wait in order of arrival. */
export class SlotGate {
  readonly #slots: number;
  #waiting: (() => void)[] = [];
  busy = 0;

  constructor(slots: number) {
    this.#slots = slots;
  }

  get queued(): number {
    return this.#waiting.length;
  }

  /** Resolves to what frees the slot again. Errors: the signal's reason. */
  async enter(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.busy < this.#slots) this.busy++;
    else await this.#wait(signal);
    let isReleased = false;
    return () => {
      if (isReleased) return;
      isReleased = true;
      const next = this.#waiting.shift();
      // A waiting one takes the slot over, so that nobody who arrives now can overtake it.
      if (next === undefined) this.busy--;
      else next();
    };
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = (): void => {
        this.#waiting = this.#waiting.filter((waiting) => waiting !== enter);
        reject(signal.reason);
      };
      this.#waiting.push(enter);
      signal.addEventListener("abort", leave, { once: true });
    });
  }
}
