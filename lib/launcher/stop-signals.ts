/** Signals nearer together than this are one: Ctrl-C in `npm start` comes from the terminal and from npm. */
const sameMs = 1000;

export type StopRequest = {
  /** Aborts with the first signal: stop in order. */
  stop: AbortSignal;
  /** Aborts with a second one that comes a second or more later: do not wait for anybody. */
  hurry: AbortSignal;
};

/** Where SIGINT and SIGTERM come from; a stand-in in tests. */
export type SignalSource = { on: (signal: "SIGINT" | "SIGTERM" | "SIGHUP", listener: () => void) => unknown };

export function listenForStop(
  source: SignalSource = process,
  now: () => number = () => performance.now(),
): StopRequest {
  const stop = new AbortController();
  const hurry = new AbortController();
  let firstAt = 0;
  const take = (): void => {
    if (!stop.signal.aborted) {
      firstAt = now();
      stop.abort();
    } else if (now() - firstAt >= sameMs) {
      hurry.abort();
    }
  };
  // SIGHUP: the terminal was closed.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) source.on(signal, take);
  return { stop: stop.signal, hurry: hurry.signal };
}
