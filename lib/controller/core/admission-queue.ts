import type { Priority } from "../types";
import { SlidingCount } from "./sliding-count";
import { type Waiter, WaitingLine } from "./waiting-line";

/** Of so many places of a worker that fall free while both classes wait for it, one goes to a batch request. */
export const batchTurn = 8;

/** Window over which the pace of a model's line is measured, for `Retry-After`. */
const paceWindowMs = 30_000;
const retryAfterLimits = { least: 1, unknown: 5, most: 60 } as const;

type ModelLines<T> = {
  interactive: WaitingLine<T>;
  batch: WaitingLine<T>;
  /** Requests that left the line for a worker. */
  granted: SlidingCount;
};

/** What the choice needs to know of a worker with a free place. */
export type FreeWorker = {
  readonly record: { readonly models: readonly { readonly name: string }[] };
  interactiveStreak: number;
};

export type AdmissionQueueOptions = {
  /** Requests that may wait for one model, both classes together. */
  limit: number;
  /** Head start of a model's requests over those of other models, in milliseconds. */
  headStartMs: (model: string) => number;
};

/**
 * The requests that wait for a place, by model and class. Pure: it neither knows the time nor wakes anybody.
 *
 * A person's request (interactive) goes before a program's (batch), each class in order of arrival; every eighth place of
 * a worker goes to batch, so that people cannot starve programs. Batch may fill three quarters of a line, so that
 * programs cannot shut people out either. A worker that serves several models gives its places to their lines by arrival,
 * corrected by the models' head starts.
 */
export class AdmissionQueue<T> {
  readonly #limit: number;
  readonly #headStartMs: (model: string) => number;
  readonly #lines = new Map<string, ModelLines<T>>();
  #size = 0;

  constructor({ limit, headStartMs }: AdmissionQueueOptions) {
    this.#limit = limit;
    this.#headStartMs = headStartMs;
  }

  /** Requests waiting over all models. */
  get size(): number {
    return this.#size;
  }

  /** Requests waiting for the model. */
  waiting(model: string): number {
    const lines = this.#lines.get(model);
    return lines === undefined ? 0 : lines.interactive.size + lines.batch.size;
  }

  /** Of these, people's. */
  waitingPeople(model: string): number {
    return this.#lines.get(model)?.interactive.size ?? 0;
  }

  lengths(): Record<Priority, number> {
    const lengths = { interactive: 0, batch: 0 };
    for (const { interactive, batch } of this.#lines.values()) {
      lengths.interactive += interactive.size;
      lengths.batch += batch.size;
    }
    return lengths;
  }

  /** The line of each model that has ever had one. */
  *byModel(): Iterable<{ model: string; lengths: Record<Priority, number> }> {
    for (const [model, { interactive, batch }] of this.#lines) {
      yield { model, lengths: { interactive: interactive.size, batch: batch.size } };
    }
  }

  /** False when the line of its model is full. */
  enter(waiter: Waiter<T>): boolean {
    const { model, priority } = waiter.request;
    const lines = this.#linesOf(model);
    const waiting = lines.interactive.size + lines.batch.size;
    const isFull =
      waiting >= this.#limit ||
      (priority === "batch" && lines.batch.size >= Math.ceil((this.#limit * 3) / 4));
    if (isFull) return false;
    lines[priority].enter(waiter);
    this.#size += 1;
    return true;
  }

  /** Takes a request out, wherever it stands. False when it does not stand in line (any more). */
  leave(waiter: Waiter<T>): boolean {
    if (waiter.line === null) return false;
    waiter.line.leave(waiter);
    this.#size -= 1;
    return true;
  }

  /**
   * Takes out the request whose turn it is for a place on this worker; null when nobody waits who may go there.
   *
   * @param isOpen Whether the model takes requests at all now; false skips its whole line.
   * @param accepts Whether this very request may go to this worker.
   */
  next(
    worker: FreeWorker,
    isOpen: (model: string) => boolean,
    accepts: (waiter: Waiter<T>) => boolean,
  ): Waiter<T> | null {
    let interactive: Waiter<T> | null = null;
    let batch: Waiter<T> | null = null;
    for (const { name } of worker.record.models) {
      const lines = this.#lines.get(name);
      if (lines === undefined || lines.interactive.size + lines.batch.size === 0 || !isOpen(name)) continue;
      interactive = this.#earlier(interactive, firstOf(lines.interactive, accepts));
      batch = this.#earlier(batch, firstOf(lines.batch, accepts));
    }
    const isBatchTurn = interactive === null || worker.interactiveStreak >= batchTurn - 1;
    const chosen = batch !== null && isBatchTurn ? batch : interactive;
    if (chosen === null) return null;
    worker.interactiveStreak = chosen === interactive && batch !== null ? worker.interactiveStreak + 1 : 0;
    this.leave(chosen);
    return chosen;
  }

  /** Counts a request of the model that went from its line to a worker. */
  countGranted(model: string, now: number): void {
    this.#linesOf(model).granted.add(now);
  }

  /** Takes out everyone whose deadline has passed. */
  expire(now: number): Waiter<T>[] {
    const expired: Waiter<T>[] = [];
    for (const lines of this.#lines.values()) {
      for (const line of [lines.interactive, lines.batch]) {
        // All wait equally long, so that deadlines come in the order of the line.
        while (line.head !== null && line.head.request.deadlineAt <= now) {
          expired.push(line.head);
          this.leave(line.head);
        }
      }
    }
    return expired;
  }

  /** The earliest deadline; null when nobody waits. */
  nextDeadline(): number | null {
    let earliest: number | null = null;
    for (const { interactive, batch } of this.#lines.values()) {
      for (const { head } of [interactive, batch]) {
        if (head === null) continue;
        earliest = Math.min(earliest ?? Number.POSITIVE_INFINITY, head.request.deadlineAt);
      }
    }
    return earliest;
  }

  /**
   * Everyone in line with the number of requests before them. Batch requests count all interactive ones as before them,
   * which every eighth place makes a little too many.
   */
  *positions(model: string): Iterable<{ waiter: Waiter<T>; ahead: number }> {
    const lines = this.#lines.get(model);
    if (lines === undefined) return;
    let ahead = 0;
    for (const line of [lines.interactive, lines.batch]) {
      for (let waiter = line.head; waiter !== null; waiter = waiter.next) {
        yield { waiter, ahead };
        ahead += 1;
      }
    }
  }

  *waiters(): Iterable<Waiter<T>> {
    for (const model of this.#lines.keys()) for (const { waiter } of this.positions(model)) yield waiter;
  }

  /** Whole seconds after which the line may be expected to have moved past its present end, from its recent pace. */
  retryAfterSeconds(model: string, now: number): number {
    const lines = this.#linesOf(model);
    const granted = lines.granted.total(now);
    if (granted === 0) return retryAfterLimits.unknown;
    const waiting = lines.interactive.size + lines.batch.size;
    const seconds = Math.ceil(((waiting + 1) * paceWindowMs) / granted / 1000);
    return Math.min(Math.max(seconds, retryAfterLimits.least), retryAfterLimits.most);
  }

  /** Which of two comes first, from the lines of different models. */
  #earlier(one: Waiter<T> | null, other: Waiter<T> | null): Waiter<T> | null {
    if (one === null || other === null) return one ?? other;
    const difference = this.#rank(one) - this.#rank(other);
    const isOne = difference === 0 ? one.request.serial < other.request.serial : difference < 0;
    return isOne ? one : other;
  }

  #rank({ request }: Waiter<T>): number {
    return request.enteredAt - this.#headStartMs(request.model);
  }

  #linesOf(model: string): ModelLines<T> {
    const known = this.#lines.get(model);
    if (known !== undefined) return known;
    const made = {
      interactive: new WaitingLine<T>(),
      batch: new WaitingLine<T>(),
      granted: new SlidingCount(paceWindowMs),
    };
    this.#lines.set(model, made);
    return made;
  }
}

/** Usually the head; requests that may not go to the worker (tried there, or of another pool) let others pass. */
function firstOf<T>(line: WaitingLine<T>, accepts: (waiter: Waiter<T>) => boolean): Waiter<T> | null {
  for (let waiter = line.head; waiter !== null; waiter = waiter.next) if (accepts(waiter)) return waiter;
  return null;
}
