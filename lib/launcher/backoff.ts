/** How long a child must have run for its next crash to count as the first. */
const calmMs = 60_000;
const firstMs = 500;
const longestMs = 30_000;

export type Crashes = { count: number };

/** The wait before the next start: 0.5, 1, 2 … 30 seconds. Pure: `ranMs` is how long the child ran. */
export function nextBackoff(crashes: Crashes, ranMs: number): { crashes: Crashes; waitMs: number } {
  const count = ranMs >= calmMs ? 1 : crashes.count + 1;
  return { crashes: { count }, waitMs: Math.min(longestMs, firstMs * 2 ** (count - 1)) };
}
