import { flagByEvidence } from "@/lib/rating";

export type SubjectEvidence = { key: string; logE: number };

/**
 * The subjects whose votes are no opinions, the strongest evidence first: e-Benjamini–Hochberg over all that were active.
 * Those in quarantine are among them, with the evidence that they have. Of the flagged, at most a share `alpha` is honest
 * in expectation, however often one looks and however the voters depend on each other.
 *
 * Of n subjects the k-th needs an e-value of n/(α·k), which is 1/α at least: only those who have that are put in order, with an α
 * that makes their number stand for n.
 */
export function flagSubjects(subjects: readonly SubjectEvidence[], alpha: number): SubjectEvidence[] {
  const least = Math.log(1 / alpha) - 1e-9;
  const candidates = subjects.filter(({ logE }) => logE >= least);
  if (candidates.length === 0) return [];
  const places = flagByEvidence(
    candidates.map(({ logE }) => logE),
    (alpha * candidates.length) / subjects.length,
  );
  return [...places].flatMap((place) => candidates[place] ?? []);
}
