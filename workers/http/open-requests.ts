import type { ServerResponse } from "node:http";
import { AppError } from "@/lib/errors";

/** Requests being answered, so that a client that goes aborts its own and a drain can wait for all. */
export class OpenRequests {
  readonly #open = new Set<AbortController>();
  #isDraining = false;
  #onEmpty: (() => void) | null = null;

  get isDraining(): boolean {
    return this.#isDraining;
  }

  /**
   * `signal` aborts when the connection closes before the answer is complete (a half-close counts: Node then closes
   * the whole connection) or at the end of a drain; `done` must be called in `finally`. Errors: `shutting_down`.
   */
  enter(response: ServerResponse): { signal: AbortSignal; done: () => void } {
    if (this.#isDraining) throw new AppError("shutting_down");
    const controller = new AbortController();
    const onClose = (): void => controller.abort(new ClientGoneError());
    if (response.destroyed) onClose();
    response.once("close", onClose);
    this.#open.add(controller);
    return {
      signal: controller.signal,
      done: () => {
        response.off("close", onClose);
        this.#open.delete(controller);
        if (this.#open.size === 0) this.#onEmpty?.();
      },
    };
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
