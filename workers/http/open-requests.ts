import type { Socket } from "node:net";
import { AppError } from "@/lib/errors";

/** Requests being answered, so that a client that goes aborts its own and a drain can wait for all. */
export class OpenRequests {
  readonly #open = new Set<AbortController>();
  readonly #bySocket = new WeakMap<Socket, Set<AbortController>>();
  #isDraining = false;
  #isPaused = false;
  #onEmpty: (() => void) | null = null;

  get isDraining(): boolean {
    return this.#isDraining || this.#isPaused;
  }

  /** While paused, new requests are refused and the running ones go on. */
  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * `signal` aborts when the connection closes before the answer is complete (a half-close counts: Node then closes
   * the whole connection) or at the end of a drain; `done` must be called in `finally`. Errors: `shutting_down`.
   */
  enter(socket: Socket): { signal: AbortSignal; done: () => void } {
    if (this.isDraining) throw new AppError("shutting_down");
    const controller = new AbortController();
    const siblings = this.#watch(socket);
    if (socket.destroyed) controller.abort(new ClientGoneError());
    siblings.add(controller);
    this.#open.add(controller);
    return {
      signal: controller.signal,
      done: () => {
        siblings.delete(controller);
        this.#open.delete(controller);
        if (this.#open.size === 0) this.#onEmpty?.();
      },
    };
  }

  /** The requests of a connection. Pipelined ones have no response of their own that would notice its close. */
  #watch(socket: Socket): Set<AbortController> {
    const known = this.#bySocket.get(socket);
    if (known !== undefined) return known;
    const requests = new Set<AbortController>();
    this.#bySocket.set(socket, requests);
    socket.once("close", () => {
      for (const controller of requests) controller.abort(new ClientGoneError());
    });
    return requests;
  }

  /** Refuses new requests and waits for the running ones; those that are left after `ms` end with `shutting_down`. */
  async drain(ms: number): Promise<void> {
    this.#isDraining = true;
    if (this.#open.size === 0) return;
    const timer = setTimeout(() => {
      for (const controller of this.#open) controller.abort(new AppError("shutting_down"));
    }, ms);
    try {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    } finally {
      clearTimeout(timer);
    }
  }
}

class ClientGoneError extends Error {
  override readonly name = "ClientGoneError";

  constructor() {
    super("The client closed the connection.");
  }
}
