import { AppError } from "@/lib/errors";

/** Something that is answered and read in this process's memory: a battle, a conversation. */
export type Live = {
  /** Settles when nothing is being written. */
  settled(): Promise<void>;
  /** Ends everything at once: the process is going. */
  close(): Promise<void>;
};

/** What this process holds in memory, by id: what is being answered and what is being read. */
export class LiveSet<T extends Live> {
  readonly #load: (id: string) => Promise<T>;
  readonly #open = new Map<string, Promise<T>>();
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

  /** Loaded once however many ask for it at the same time. Errors: `shutting_down`, those of `load`. */
  async open(id: string): Promise<T> {
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

  /** The one of this id if it is in memory. */
  async peek(id: string): Promise<T | null> {
    return (await this.#open.get(id)) ?? null;
  }

  forget(id: string): void {
    this.#open.delete(id);
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
