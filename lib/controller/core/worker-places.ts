import type { WorkerState } from "./worker";

/**
 * Requests that may wait inside a worker beyond its slots: just enough that a slot which falls free has its next request
 * there already, and does not wait for the way to this server and back. The line is here, where it has an order, a
 * deadline and a limit.
 */
export const defaultWaitingAllowance = (slots: number): number => Math.ceil(slots / 4);

export type WorkerPlacesOptions = {
  waitingAllowance: (slots: number) => number;
  /** Whether several servers divide the places (share-keeper.ts); otherwise all are this one's. */
  areShared: boolean;
};

/** How many requests a worker may hold: all servers together, and this one. */
export class WorkerPlaces {
  readonly #options: WorkerPlacesOptions;
  /** Null before it is known. */
  #servers: number | null = null;

  constructor(options: WorkerPlacesOptions) {
    this.#options = options;
  }

  /** Servers that divide the places. Of a worker that has just come each takes an equal part, until they have divided it. */
  set servers(count: number) {
    this.#servers = count;
  }

  /** Of all servers together. */
  of({ slots }: WorkerState): number {
    return slots + this.#options.waitingAllowance(slots);
  }

  hasRoom(worker: WorkerState): boolean {
    return worker.outstanding < worker.share && worker.outstanding < this.of(worker);
  }

  firstShareOf(worker: WorkerState): number {
    if (!this.#options.areShared) return Number.POSITIVE_INFINITY;
    return this.#servers === null ? 0 : Math.max(1, Math.floor(this.of(worker) / this.#servers));
  }
}
