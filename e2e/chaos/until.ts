import { setTimeout as delay } from "node:timers/promises";

/**
 * Asks again and again until the answer is yes. Returns how long that took in milliseconds; null when the limit came first.
 * A question that fails counts as a no: what is asked may be down.
 */
export async function until(isSo: () => Promise<boolean> | boolean, limitMs: number): Promise<number | null> {
  const begun = performance.now();
  for (;;) {
    if (await asked(isSo)) return performance.now() - begun;
    if (performance.now() - begun > limitMs) return null;
    await delay(50);
  }
}

async function asked(isSo: () => Promise<boolean> | boolean): Promise<boolean> {
  try {
    return await isSo();
  } catch {
    return false;
  }
}

export const seconds = (ms: number | null): string => (ms === null ? "never" : `${(ms / 1000).toFixed(1)} s`);
