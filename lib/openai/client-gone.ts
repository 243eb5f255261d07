import type { ServerResponse } from "node:http";

/** A signal that aborts when the client's connection closes before `release`. */
export function requestSignal(raw: ServerResponse): { signal: AbortSignal; release: () => void } {
  const gone = new AbortController();
  const onClose = (): void => gone.abort(new Error("The client closed the connection."));
  raw.once("close", onClose);
  return { signal: gone.signal, release: () => raw.off("close", onClose) };
}
