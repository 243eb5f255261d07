import {
  fitBoard,
  flagByEvidence,
  OUTCOMES,
  type PairCounts,
  startVoterEvidence,
  updateVoterEvidence,
} from "@/lib/rating";
import type { VoteRows } from "./vote-rows";

/** Share of honest voters that may be among those left out, in expectation. */
export const oddVoterRate = 0.05;

/** Votes of a voter that are looked at: more would only say the same once more. */
const maxVotesEach = 2_000;

/**
 * Voters whose votes are no opinions on the answers: uniform clicks, always one side, against the board, one model
 * whatever it says (`updateVoterEvidence`). Only who won among decided votes counts, since honest voters differ in their
 * use of the tie buttons.
 *
 * The test needs a board that does not hold the voter's own votes, so the voters are dealt into two halves by their
 * pseudonyms, and each half is tested against the other half's board. Then each e-value has a mean of at most 1 for a
 * voter who votes as that board says, and e-Benjamini–Hochberg keeps the expected share of honest voters among those left
 * out to `oddVoterRate`.
 *
 * @param onStep told from time to time how much of the work is done, 0 … 1
 * @returns 1 for each voter to be left out; length `voterCount`
 */
export function oddVoters(votes: VoteRows, voterCount: number, onStep: (done: number) => void): Uint8Array {
  const { modelCount, size, a, b, outcome, voter } = votes;
  const isOdd = new Uint8Array(voterCount);
  // Rows of each voter: voters are numbers, so a counting sort.
  const start = new Uint32Array(voterCount + 1);
  for (let row = 0; row < size; row++) {
    const v = (voter[row] as number) + 1;
    start[v] = (start[v] as number) + 1;
  }
  for (let v = 0; v < voterCount; v++) start[v + 1] = (start[v + 1] as number) + (start[v] as number);
  const next = start.slice();
  const rows = new Uint32Array(size);
  for (let row = 0; row < size; row++) {
    const v = voter[row] as number;
    rows[next[v] as number] = row;
    next[v] = (next[v] as number) + 1;
  }
  const halves = [0, 1].map((half) => strengthsOf(votes, half));
  const logE = new Float64Array(voterCount);
  for (let v = 0; v < voterCount; v++) {
    if (v % 256 === 0) onStep(v / voterCount);
    const strength = halves[1 - (v % 2)] as Float64Array;
    let evidence = startVoterEvidence();
    const end = Math.min(start[v + 1] as number, (start[v] as number) + maxVotesEach);
    for (let at = start[v] as number; at < end; at++) {
      const row = rows[at] as number;
      const code = outcome[row] as number;
      const gap = (strength[a[row] as number] as number) - (strength[b[row] as number] as number);
      // Ties say nothing here, and a board without one of the two cannot tell.
      if (code > 1 || Number.isNaN(gap)) continue;
      const p = 1 / (1 + Math.exp(-gap));
      const chances = { a: 0.8 * p, b: 0.8 * (1 - p), tie: 0.1, both_bad: 0.1 };
      const vote = {
        ...{ a: a[row] as number, b: b[row] as number, chances },
        outcome: OUTCOMES[code] as (typeof OUTCOMES)[number],
      };
      evidence = updateVoterEvidence(evidence, modelCount, vote, { ties: "ignored" });
    }
    logE[v] = evidence.logE;
  }
  for (const v of flagByEvidence(logE, oddVoterRate)) isOdd[v] = 1;
  return isOdd;
}

/** Strengths by the decided votes of one half of the voters; NaN for models that they do not rate. */
function strengthsOf({ modelCount, size, a, b, outcome, voter }: VoteRows, half: number): Float64Array {
  const pairs = new Map<number, PairCounts>();
  for (let row = 0; row < size; row++) {
    const code = outcome[row] as number;
    if (code > 1 || (voter[row] as number) % 2 !== half) continue;
    const [left, right] = [a[row] as number, b[row] as number];
    const key = left * modelCount + right;
    const pair = pairs.get(key) ?? { i: left, j: right, winI: 0, winJ: 0, tie: 0, bothBad: 0 };
    pairs.set(key, pair);
    if (code === 0) pair.winI++;
    else pair.winJ++;
  }
  const strengths = new Float64Array(modelCount).fill(Number.NaN);
  const { rated } = fitBoard(modelCount, [...pairs.values()]);
  rated?.models.forEach((model, at) => {
    strengths[model] = rated.fit.beta[at] as number;
  });
  return strengths;
}
