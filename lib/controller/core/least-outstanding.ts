import { fastestOf, speedWeight } from "./speed-weight";
import type { Candidate, PolicyContext } from "./types";

/**
 * The default dispatch policy: the worker that promises the shortest wait, among candidates that all have room.
 *
 * The promise is `((outstanding + others) / slots + 1) / weight`: an idle worker costs the time of one answer, a worker
 * with all slots taken twice that. `weight` is the worker's speed against the fastest candidate. Equal promises go to
 * the worker that has served the request's prefix, then to the least recently used, then to the smaller id.
 */
export function leastOutstanding<T extends Candidate>(
  candidates: readonly T[],
  { preferredId }: Pick<PolicyContext, "preferredId">,
): T | undefined {
  const fastest = fastestOf(candidates);
  let best: T | undefined;
  let bestCost = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const load = candidate.outstanding + candidate.others;
    const cost = (load / candidate.slots + 1) / speedWeight(candidate.tokensPerSecond, fastest);
    if (best === undefined || isBetter(candidate, cost, best, bestCost, preferredId)) {
      best = candidate;
      bestCost = cost;
    }
  }
  return best;
}

function isBetter(
  candidate: Candidate,
  cost: number,
  best: Candidate,
  bestCost: number,
  preferredId: string | null,
): boolean {
  if (candidate.isSuspect !== best.isSuspect) return best.isSuspect;
  if (cost !== bestCost) return cost < bestCost;
  if (candidate.id === preferredId) return true;
  if (best.id === preferredId) return false;
  if (candidate.lastClaim !== best.lastClaim) return candidate.lastClaim < best.lastClaim;
  return candidate.id < best.id;
}
