import type { Database } from "@/lib/db";
import type { ExclusionSummary } from "@/lib/protocol";
import { exclusionSummary } from "./exclusion-summary";

/** Anyone may ask, as often as they like: it is added up at most this often. */
const freshMs = 10_000;

/** The summary, at most ten seconds old. Errors: `database_unavailable`. */
export function createSummaryReader(db: Database): () => Promise<ExclusionSummary> {
  let kept: { at: number; summary: Promise<ExclusionSummary> } | null = null;
  return () => {
    if (kept === null || performance.now() - kept.at > freshMs) {
      const own = { at: performance.now(), summary: exclusionSummary(db) };
      kept = own;
      // A failure must not be remembered as the answer.
      own.summary.catch(() => {
        if (kept === own) kept = null;
      });
    }
    return kept.summary;
  };
}
