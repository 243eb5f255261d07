import { flagByEvidence } from "@/lib/rating";

export type SubjectEvidence = { key: string; logE: number };

/**
 * The subjects whose votes are no opinions, the strongest evidence first: e-Benjamini–Hochberg over all that were active.
 * Those in quarantine are among them, with the evidence that they have. Of the flagged, at most a share `alpha` is honest
 * in expectation, however often one looks and however the voters depend on each other.
 */
export function flagSubjects(subjects: readonly SubjectEvidence[], alpha: number): SubjectEvidence[] {
  const places = flagByEvidence(
    subjects.map(({ logE }) => logE),
    alpha,
  );
  return [...places].flatMap((place) => subjects[place] ?? []);
}
