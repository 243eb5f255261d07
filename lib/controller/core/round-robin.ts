import type { Candidate } from "./types";

/**
 * Each worker in turn, whatever its speed and load: the least recently used candidate, then the smaller id. A worker
 * without room is passed over and keeps its turn.
 */
export function roundRobin<T extends Candidate>(candidates: readonly T[]): T | undefined {
  let best: T | undefined;
  for (const candidate of candidates) {
    if (best === undefined || isBefore(candidate, best)) best = candidate;
  }
  return best;
}

function isBefore(candidate: Candidate, best: Candidate): boolean {
  if (candidate.isSuspect !== best.isSuspect) return best.isSuspect;
  if (candidate.lastClaim !== best.lastClaim) return candidate.lastClaim < best.lastClaim;
  return candidate.id < best.id;
}
