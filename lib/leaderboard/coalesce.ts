/**
 * Runs shared by those who call at the same time. A call during a run cannot trust that run to have seen what the caller
 * knows of: it shares the one that comes after.
 */
export function coalesce<T>(run: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | null = null;
  let next: Promise<T> | null = null;
  const settle = () => {
    running = next;
    next = null;
  };
  return () => {
    if (running === null) {
      running = run().finally(settle);
      return running;
    }
    next ??= running.then(run, run).finally(settle);
    return next;
  };
}
