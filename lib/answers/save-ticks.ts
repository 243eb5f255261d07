/** Text is saved this often while it is shown: what a crash of the server can lose at most. */
const saveIntervalMs = 400;

const savers = new Set<() => void>();
let timer: NodeJS.Timeout | null = null;

/**
 * Calls `save` at each tick, in the same turn of the event loop as all other running answers: what they save then can go in one statement
 * (`createTextAppender`). The result ends it.
 */
export function onSaveTick(save: () => void): () => void {
  savers.add(save);
  timer ??= setInterval(() => {
    for (const each of savers) each();
  }, saveIntervalMs);
  return () => {
    savers.delete(save);
    if (savers.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}
