import { RatingError } from "./errors";
import type { Outcome, PairCounts } from "./types";

/** The counts of a pair that has no votes yet, in canonical order (i < j). Throws `bad_counts` when i = j. */
export function emptyPairCounts(modelA: number, modelB: number): PairCounts {
  if (modelA === modelB) {
    throw new RatingError("bad_counts", "a model cannot be compared with itself", { model: modelA });
  }
  return {
    i: Math.min(modelA, modelB),
    j: Math.max(modelA, modelB),
    winI: 0,
    winJ: 0,
    tie: 0,
    bothBad: 0,
  };
}

/**
 * Adds `votes` votes (default 1; negative takes votes back) of one outcome to the counts of a pair.
 *
 * @param counts counts of the pair; not changed
 * @param sideA index of the model that stood on side A: `counts.i` or `counts.j`; the other one stood on side B
 * @param outcome what the voter said
 * @returns new counts
 * @throws RatingError `bad_counts` when `sideA` is not of this pair, or a count would become negative
 */
export function addOutcome(counts: PairCounts, sideA: number, outcome: Outcome, votes = 1): PairCounts {
  if (sideA !== counts.i && sideA !== counts.j) {
    throw new RatingError("bad_counts", `model ${sideA} is not of the pair ${counts.i}, ${counts.j}`, {
      model: sideA,
    });
  }
  const next = { ...counts };
  if (outcome === "tie") next.tie += votes;
  else if (outcome === "both_bad") next.bothBad += votes;
  else if ((outcome === "a") === (sideA === counts.i)) next.winI += votes;
  else next.winJ += votes;
  if (!(Math.min(next.winI, next.winJ, next.tie, next.bothBad) >= 0)) {
    throw new RatingError("bad_counts", "a count would become negative", { i: counts.i, j: counts.j });
  }
  return next;
}

/** Number of votes of a pair. */
export function votesOf(counts: PairCounts): number {
  return counts.winI + counts.winJ + counts.tie + counts.bothBad;
}
