import { ejectAfterErrors, mostEjected } from "./ejection";
import type { ModelIndex } from "./model-index";
import type { WorkerRecord } from "./types";
import type { WorkerState } from "./worker";

/**
 * Keeps errors from ejecting more than half of the workers that could serve a model. Workers that get no request for another
 * reason (leaving, out, drained by the operator) are no reserve, so they are not counted.
 */
export class EjectionQuota {
  readonly #models: ModelIndex;
  readonly #heartbeatMs: number;

  constructor(models: ModelIndex, heartbeatMs: number) {
    this.#models = models;
    this.#heartbeatMs = heartbeatMs;
  }

  /** Whether errors may eject the worker too, as far as each of its models is concerned. */
  allows(worker: WorkerState, now: number): boolean {
    if (!worker.couldServe(now, this.#heartbeatMs)) return false;
    for (const { ejected, most } of this.#of(worker.record, now)) if (ejected.length + 1 > most) return false;
    return true;
  }

  /** The workers that could serve one of these models have changed: where more than half of them are ejected, those whose term ends first come back early. */
  keep(record: WorkerRecord, now: number): void {
    for (const { ejected, most } of this.#of(record, now)) {
      if (ejected.length <= most) continue;
      const soonest = ejected.sort((a, b) => (a.ejectedUntil ?? 0) - (b.ejectedUntil ?? 0));
      for (const early of soonest.slice(0, ejected.length - most)) readmit(early, now);
    }
  }

  /** For each model of a worker: which of its workers are ejected, and how many may be. */
  *#of({ models }: WorkerRecord, now: number): Iterable<{ ejected: WorkerState[]; most: number }> {
    for (const { name } of models) {
      const serving = (this.#models.get(name)?.workers ?? []).filter((worker) =>
        worker.couldServe(now, this.#heartbeatMs),
      );
      const ejected = serving.filter((worker) => worker.ejectedUntil !== null);
      yield { ejected, most: mostEjected(serving.length) };
    }
  }
}

/** Back on trial: the next error ejects it again, for longer. */
export function readmit(worker: WorkerState, now: number): void {
  worker.ejectedUntil = null;
  worker.errorsInARow = ejectAfterErrors - 1;
  worker.returnedAt = now;
}
