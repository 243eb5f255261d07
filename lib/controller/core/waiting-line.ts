import type { LineRequest } from "./types";

/** A request that waits, and its place in a line. It stands in one line at most. */
export type Waiter<T> = {
  readonly request: LineRequest;
  /** What the owner of the line needs to answer it. */
  readonly holder: T;
  previous: Waiter<T> | null;
  next: Waiter<T> | null;
  line: WaitingLine<T> | null;
};

export function waiterOf<T>(request: LineRequest, holder: T): Waiter<T> {
  return { request, holder, previous: null, next: null, line: null };
}

/**
 * A line in order of the requests' serials, linked through its members: to enter at the end and to leave from anywhere
 * takes constant time and no memory.
 */
export class WaitingLine<T> {
  head: Waiter<T> | null = null;
  #tail: Waiter<T> | null = null;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** At the end, but for a request that was in a worker's hands before: it gets back the place of its serial. */
  enter(waiter: Waiter<T>): void {
    let before = this.#tail;
    while (before !== null && before.request.serial > waiter.request.serial) before = before.previous;
    const after = before === null ? this.head : before.next;
    waiter.previous = before;
    waiter.next = after;
    waiter.line = this;
    if (before === null) this.head = waiter;
    else before.next = waiter;
    if (after === null) this.#tail = waiter;
    else after.previous = waiter;
    this.#size += 1;
  }

  leave(waiter: Waiter<T>): void {
    const { previous, next } = waiter;
    if (previous === null) this.head = next;
    else previous.next = next;
    if (next === null) this.#tail = previous;
    else next.previous = previous;
    waiter.previous = null;
    waiter.next = null;
    waiter.line = null;
    this.#size -= 1;
  }
}
