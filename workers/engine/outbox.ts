/**
 * Hands values from a producer that never waits (the step loop) to one reader. The producer looks at `size` and pauses
 * itself when the reader is slow, so that what a slow reader holds is bounded.
 */
export class Outbox<T> {
  #values: T[] = [];
  #end: { error: unknown } | "closed" | null = null;
  #wake: (() => void) | null = null;
  readonly #onTaken: () => void;
  readonly #schedule: (wakeReader: () => void) => void;

  /**
   * `onTaken` is called whenever the reader has emptied the box. `schedule` decides when a waiting reader goes on: at
   * once, unless what the reader does should wait for something more urgent.
   */
  constructor(
    onTaken: () => void = () => undefined,
    schedule: (wakeReader: () => void) => void = (wakeReader) => wakeReader(),
  ) {
    this.#onTaken = onTaken;
    this.#schedule = schedule;
  }

  get size(): number {
    return this.#values.length;
  }

  push(value: T): void {
    if (this.#end !== null) return;
    this.#values.push(value);
    this.#notify();
  }

  /** No more values; the reader's loop ends after those that are there. */
  close(): void {
    this.#end ??= "closed";
    this.#notify();
  }

  /** The reader's loop throws `error` after the values that are there. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#notify();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    while (true) {
      const values = this.#values;
      if (values.length > 0) {
        this.#values = [];
        this.#onTaken();
        yield* values;
        continue;
      }
      if (this.#end === "closed") return;
      if (this.#end !== null) throw this.#end.error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = null;
    if (wake !== null) this.#schedule(wake);
  }
}
