import type { Candidate } from "./types";

/** The highest measured speed among the candidates, tokens per second; 0 where none has been measured. */
export function fastestOf(candidates: readonly Candidate[]): number {
  let fastest = 0;
  for (const { tokensPerSecond } of candidates) fastest = Math.max(fastest, tokensPerSecond ?? 0);
  return fastest;
}

/**
 * A worker's speed against the fastest, in (0, 1], rounded to a power of two, so that the noise of measurement does not
 * turn equal workers into a fast one that gets everything. A worker of unknown speed counts as fast until it was tried.
 */
export function speedWeight(tokensPerSecond: number | null, fastest: number): number {
  if (tokensPerSecond === null || tokensPerSecond === 0) return 1;
  return 2 ** Math.round(Math.log2(tokensPerSecond / fastest));
}
