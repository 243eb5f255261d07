import { AppError } from "@/lib/errors";

/** Something that is answered and read in this process's memory: a battle, a conversation. */
export type Live = {
  /** True while nothing is answered and nobody reads. */
  readonly isIdle: boolean;
  /** Settles when nothing is being written. */
  settled(): Promise<void>;
  /** Ends everything at once: the process is going. */
  close(): Promise<void>;
};

/** What this process holds in memory, by id: what is being answered and what is being read. */
export class LiveSet<T extends Live> {
  readonly #load: (id: string) => Promise<T>;
  readonly #open = new Map<string, Promise<T>>();
  /** How many are at work with each. */
  readonly #users = new Map<string, number>();
  #isClosing = false;
  readonly #hurry = new AbortController();

  /** `load` reads one from the database; its errors are those of `open`. */
  constructor(load: (id: string) => Promise<T>) {
    this.#load = load;
  }

  /** Aborted when running answers may not wait for the database any longer. */
  get closing(): AbortSignal {
    return this.#hurry.signal;
  }

  /**
   * Does something with the one of this id, loaded once however many ask for it at the same time. Meanwhile, and in the turn of the
   * event loop in which the caller learns the result, it stays in memory; afterwards only if something is answered or read in
   * it. Errors: `shutting_down`, those of `load` and of `act`.
   */
  async use<R>(id: string, act: (live: T) => R | Promise<R>): Promise<R> {
    this.#users.set(id, (this.#users.get(id) ?? 0) + 1);
    try {
      return await act(await this.#opened(id));
    } finally {
      setImmediate(() => this.#leave(id));
    }
  }

  /** Does something with the one of this id where it is in memory. Errors: those of `act`. */
  async withHeld(id: string, act: (live: T) => void | Promise<void>): Promise<void> {
    if (this.#open.has(id) && !this.#isClosing) await this.use(id, act);
  }

  #opened(id: string): Promise<T> {
    if (this.#isClosing) throw new AppError("shutting_down");
    let opening = this.#open.get(id);
    if (opening === undefined) {
      opening = this.#load(id);
      this.#open.set(id, opening);
      // What cannot be loaded must not be remembered as such.
      opening.catch(() => this.#open.delete(id));
    }
    return opening;
  }

  #leave(id: string): void {
    const left = (this.#users.get(id) ?? 1) - 1;
    if (left > 0) this.#users.set(id, left);
    else this.#users.delete(id);
    this.forgetIdle(id);
  }

  /** The one of this id if it is in memory. */
  async peek(id: string): Promise<T | null> {
    return (await this.#open.get(id)) ?? null;
  }

  /** To be called when it may have become idle. One that somebody uses is looked at again when they are done. */
  forgetIdle(id: string): void {
    const opening = this.#open.get(id);
    opening?.then(
      (live) => {
        const isCurrent = this.#open.get(id) === opening;
        if (isCurrent && live.isIdle && !this.#users.has(id)) this.#open.delete(id);
      },
      // Gone already, see above.
      () => undefined,
    );
  }

  /** Lets running answers end for `drainMs`, then stops them. Nothing new is opened from now on. */
  async close(drainMs: number): Promise<void> {
    this.#isClosing = true;
    const results = await Promise.allSettled(this.#open.values());
    const running = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, drainMs);
    });
    await Promise.race([Promise.all(running.map((live) => live.settled())), limit]);
    clearTimeout(timer);
    this.#hurry.abort();
    await Promise.all(running.map((live) => live.close()));
  }
}
