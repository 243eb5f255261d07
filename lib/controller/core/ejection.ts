/** Errors in a row after which a worker is ejected. */
export const ejectAfterErrors = 5;

const termMs = 30_000;
const longestTerms = 10;

/** A worker that has served for so long since its return begins to count anew. */
export const forgiveAfterMs = longestTerms * termMs;

/** Milliseconds of the n-th ejection in succession, n from 1; five minutes at most. */
export function ejectionMs(count: number): number {
  return Math.min(count, longestTerms) * termMs;
}

/** How many of a model's workers may be ejected at the same time: never more than half of them. */
export function mostEjected(workers: number): number {
  return Math.floor(workers / 2);
}
