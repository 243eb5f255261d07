import { setMaxListeners } from "node:events";
import type { ServerResponse } from "node:http";

const signals = new WeakMap<object, AbortSignal>();

/**
 * A signal that aborts when the client's connection closes. The same for all requests of a connection, because making one
 * costs more than most other steps of a request: whoever listens must stop when the request is over.
 */
export function connectionSignal({ socket }: ServerResponse): AbortSignal {
  // A response loses its socket when that closes.
  if (socket === null) return AbortSignal.abort(connectionClosed());
  const known = signals.get(socket);
  if (known !== undefined) return known;
  const gone = new AbortController();
  // One for each request that a client sends ahead of its answers.
  setMaxListeners(0, gone.signal);
  socket.once("close", () => gone.abort(connectionClosed()));
  if (socket.destroyed) gone.abort(connectionClosed());
  signals.set(socket, gone.signal);
  return gone.signal;
}

function connectionClosed(): Error {
  return new Error("The client closed the connection.");
}
