import type { Candidate } from "./types";

/**
 * The default dispatch policy: the worker that promises the shortest wait, among candidates that all have room.
 *
 * The promise is `(outstanding / slots + 1) / weight`: an idle worker costs the time of one answer, a worker with all
 * slots taken twice that. `weight` is the worker's speed against the fastest candidate, rounded to a power of two, so
 * that the noise of measurement does not turn equal workers into a fast one that gets everything; a worker of unknown
 * speed counts as fast until it has been tried. Equal promises go to the least recently used, then to the smaller id,
 * so the choice is a function of the state alone.
 */
export function leastOutstanding<T extends Candidate>(candidates: readonly T[]): T | undefined {
  let fastest = 0;
  for (const candidate of candidates) fastest = Math.max(fastest, candidate.tokensPerSecond ?? 0);
  let best: T | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const cost =
      (candidate.outstanding / candidate.slots + 1) / speedWeight(candidate.tokensPerSecond, fastest);
    if (best === undefined || isBetter(candidate, cost, best, bestCost)) {
      best = candidate;
      bestCost = cost;
    }
  }
  return best;
}

function speedWeight(tokensPerSecond: number | null, fastest: number): number {
  if (tokensPerSecond === null || tokensPerSecond === 0) return 1;
  return 2 ** Math.round(Math.log2(tokensPerSecond / fastest));
}

function isBetter(candidate: Candidate, cost: number, best: Candidate, bestCost: number): boolean {
  if (candidate.isSuspect !== best.isSuspect) return best.isSuspect;
  if (cost !== bestCost) return cost < bestCost;
  if (candidate.lastClaim !== best.lastClaim) return candidate.lastClaim < best.lastClaim;
  return candidate.id < best.id;
}
