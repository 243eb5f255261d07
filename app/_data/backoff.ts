const firstMs = 500;
const lastMs = 10_000;

/** How long to wait before attempt number `attempt` (from 0): doubling, with up to a fifth of it as jitter. */
export function backoffMs(attempt: number, random: () => number): number {
  const base = Math.min(lastMs, firstMs * 2 ** Math.min(attempt, 10));
  return Math.round(base * (1 + random() * 0.2));
}

/** Waits, but not longer than until the browser is online again or the signal says stop. Never rejects. */
export function waitToReconnect(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      window.removeEventListener("online", finish);
      signal.removeEventListener("abort", finish);
      resolve();
    };
    const timer = setTimeout(finish, delayMs);
    window.addEventListener("online", finish);
    signal.addEventListener("abort", finish);
    if (signal.aborted) finish();
  });
}
