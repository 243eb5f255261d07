export type BackoffOptions = { firstMs: number; capMs: number };

/**
 * Wait before try number `attempt` (from 0): doubling, capped, and between half and all of that at random, so that
 * workers that lost the same controller do not come back in the same moment. `random` gives [0, 1).
 */
export function backoffMs(attempt: number, { firstMs, capMs }: BackoffOptions, random: () => number): number {
  const fullMs = Math.min(capMs, firstMs * 2 ** Math.min(attempt, 30));
  return fullMs * (0.5 + 0.5 * random());
}
