import { fastestOf, speedWeight } from "./speed-weight";
import type { Candidate, PolicyContext } from "./types";

/**
 * A draw in which each worker has tickets in proportion to its slots and its speed (FastChat's `lottery`). Servers that
 * know nothing of each other's requests do not run to the same worker with it. A suspect has no ticket while others have.
 */
export function lottery<T extends Candidate>(
  candidates: readonly T[],
  { random }: Pick<PolicyContext, "random">,
): T | undefined {
  const fastest = fastestOf(candidates);
  const isAnyTrusted = candidates.some(({ isSuspect }) => !isSuspect);
  const tickets = (candidate: Candidate): number =>
    isAnyTrusted && candidate.isSuspect
      ? 0
      : candidate.slots * speedWeight(candidate.tokensPerSecond, fastest);
  let total = 0;
  for (const candidate of candidates) total += tickets(candidate);
  let left = random() * total;
  let last: T | undefined;
  for (const candidate of candidates) {
    const own = tickets(candidate);
    if (own === 0) continue;
    last = candidate;
    left -= own;
    if (left < 0) return candidate;
  }
  // Rounding can leave a sliver at the end.
  return last;
}
