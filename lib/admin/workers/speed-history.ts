import type { WorkerView } from "@/lib/controller";

/** One point each so many milliseconds, for fifteen minutes. */
const intervalMs = 15_000;
const points = 60;

/** What a worker writes now, estimated from its latest report: the speed of one request, times those that run. */
export const speedOf = ({ tokensPerSecond, busySlots }: WorkerView): number | null =>
  tokensPerSecond === null ? null : tokensPerSecond * busySlots;

/**
 * The speed of every worker over the last minutes, in this process's memory: all servers read the same reports, so they
 * differ only in how long they have been looking.
 */
export class SpeedHistory {
  readonly #workers: () => readonly WorkerView[];
  readonly #speeds = new Map<string, number[]>();
  #timer: NodeJS.Timeout | undefined;

  constructor(workers: () => readonly WorkerView[]) {
    this.#workers = workers;
  }

  start(): void {
    this.sample();
    this.#timer = setInterval(() => this.sample(), intervalMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Adds a point; workers that have gone are forgotten. */
  sample(): void {
    const workers = this.#workers();
    for (const worker of workers) {
      const before = this.#speeds.get(worker.id) ?? [];
      const isAnswering = worker.health === "healthy" || worker.health === "draining";
      this.#speeds.set(worker.id, [...before, isAnswering ? (speedOf(worker) ?? 0) : 0].slice(-points));
    }
    const present = new Set(workers.map(({ id }) => id));
    for (const id of this.#speeds.keys()) if (!present.has(id)) this.#speeds.delete(id);
  }

  /** Oldest first. */
  of(workerId: string): number[] {
    return this.#speeds.get(workerId) ?? [];
  }
}
