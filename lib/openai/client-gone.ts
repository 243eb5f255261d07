import type { IncomingMessage } from "node:http";
import type { CancelSignal } from "@/lib/controller";

const connections = new WeakMap<object, ConnectionSignal>();

/**
 * A signal that aborts when the client's connection closes. The same for all requests of a connection, because making one
 * costs more than most other steps of a request: whoever listens must stop when the request is over.
 *
 * By the request: the response to one that was sent ahead has no socket before its turn.
 */
export function connectionSignal({ socket }: Pick<IncomingMessage, "socket">): CancelSignal {
  const known = connections.get(socket);
  if (known !== undefined) return known;
  const signal = new ConnectionSignal();
  if (socket.destroyed) signal.abort();
  else socket.once("close", () => signal.abort());
  connections.set(socket, signal);
  return signal;
}

/** One listener, or as many as there are requests that a client sends ahead of its answers. */
class ConnectionSignal implements CancelSignal {
  reason: Error | undefined;
  #listeners: (() => void)[] = [];

  get aborted(): boolean {
    return this.reason !== undefined;
  }

  throwIfAborted(): void {
    if (this.reason !== undefined) throw this.reason;
  }

  addEventListener(_type: "abort", listener: () => void): void {
    this.#listeners.push(listener);
  }

  removeEventListener(_type: "abort", listener: () => void): void {
    const at = this.#listeners.indexOf(listener);
    if (at === this.#listeners.length - 1) this.#listeners.pop();
    else if (at !== -1) this.#listeners.splice(at, 1);
  }

  abort(): void {
    this.reason = new Error("The client closed the connection.");
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }
}
