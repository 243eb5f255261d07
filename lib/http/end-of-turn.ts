/** More would keep those who are woken waiting for longer than it spares. */
const mostTogether = 8;

const waiting: (() => void)[] = [];

/**
 * Does this when the events at hand have been seen to, together with whatever else waits for it. For small writes to sockets:
 * each may wake a process that sleeps, which costs as much as all the rest of the write, and of writes in a row only the first
 * does. Nothing waits longer than the present turn of the event loop; `act` may be called before this returns. It must not throw.
 */
export function atEndOfTurn(act: () => void): void {
  if (waiting.length === 0) setImmediate(actAll);
  waiting.push(act);
  if (waiting.length >= mostTogether) actAll();
}

function actAll(): void {
  for (const act of waiting.splice(0)) act();
}
