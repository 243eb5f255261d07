/** Of what comes faster, only the newest is written. */
const defaultGapMs = 1_000;

/**
 * Writes values that replace each other, without those who make them having to wait: of each slot one write at a time, the
 * newest value always, what it overtook never.
 *
 * @param onError a value could not be written; the next one is tried all the same
 * @param gapMs shortest time between two writes of one slot
 */
export function createWriteBehind(onError: (error: unknown) => void, gapMs = defaultGapMs) {
  const running = new Set<Promise<void>>();
  const closing = new AbortController();
  const { signal } = closing;

  return {
    slot<T>(write: (value: T) => Promise<void>): (value: T) => void {
      let waiting: { value: T } | null = null;
      let loop: Promise<void> | null = null;
      async function writeAll(): Promise<void> {
        while (waiting !== null) {
          const { value } = waiting;
          waiting = null;
          await write(value).catch(onError);
          if (gapMs > 0) await pause(gapMs, signal);
        }
      }
      return (value) => {
        waiting = { value };
        if (loop !== null) return;
        const own = writeAll().finally(() => {
          loop = null;
          running.delete(own);
        });
        loop = own;
        running.add(own);
      };
    },
    /** Resolves when everything so far is written. */
    async idle(): Promise<void> {
      await Promise.all(running);
    },
    /** Writes what waits, without pauses. */
    async close(): Promise<void> {
      closing.abort();
      await Promise.all(running);
    },
  };
}

/** The end of the site cuts it short. It does not keep the process alive: what waits then is written by `close`. */
function pause(gapMs: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, gapMs);
    timer.unref();
    signal.addEventListener("abort", end);
  });
}
