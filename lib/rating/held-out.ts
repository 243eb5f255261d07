import { RatingError } from "./errors";
import { type PairTable, toPairTable } from "./pair-table";
import { seededRandom } from "./random";
import type { PairCounts } from "./types";

/** Chance of each outcome of a battle between i and j; the four sum to one. */
export type OutcomeProbabilities = { winI: number; winJ: number; tie: number; bothBad: number };

/** Expected share of i against j in 0 … 1: P(i wins) plus half of P(tie of either kind). */
export type SharePrediction = (i: number, j: number) => number;

/** Share by strengths on the natural-logarithm scale: 1 / (1 + e^(β_j − β_i)). */
export function shareByStrength(beta: Float64Array): SharePrediction {
  return (i, j) => 1 / (1 + Math.exp((beta[j] as number) - (beta[i] as number)));
}

/**
 * Mean loss a vote of predicted shares, with the ½ rule: −[s·ln p + (1 − s)·ln(1 − p)], s = 1, 0 or ½. Natural
 * logarithm; ln 2 = 0.693 is the loss of knowing nothing. Compares fits of any tie model, on votes that the fit has
 * not seen.
 *
 * @throws RatingError `bad_counts` for bad counts or no votes at all
 */
export function shareLogLoss(
  share: SharePrediction,
  modelCount: number,
  pairs: readonly PairCounts[],
): number {
  return meanLoss(toPairTable(modelCount, pairs), ({ i, j, winI, winJ, tie, bothBad }) => {
    const p = share(i, j);
    const half = (tie + bothBad) / 2;
    return entropyTerm(winI + half, p) + entropyTerm(winJ + half, 1 - p);
  });
}

/**
 * Mean loss a vote of predicted outcomes: −ln P(what the voter said). `kinds` 4 tells both kinds of tie apart; 3
 * (default) adds them up, so that Davidson, Rao and Kupper and the grounded model can be compared. An outcome held
 * impossible that happened costs Infinity.
 *
 * @throws RatingError `bad_counts` for bad counts or no votes at all
 */
export function outcomeLogLoss(
  predict: (i: number, j: number) => OutcomeProbabilities,
  modelCount: number,
  pairs: readonly PairCounts[],
  kinds: 3 | 4 = 3,
): number {
  return meanLoss(toPairTable(modelCount, pairs), ({ i, j, winI, winJ, tie, bothBad }) => {
    const p = predict(i, j);
    const wins = entropyTerm(winI, p.winI) + entropyTerm(winJ, p.winJ);
    if (kinds === 4) return wins + entropyTerm(tie, p.tie) + entropyTerm(bothBad, p.bothBad);
    return wins + entropyTerm(tie + bothBad, p.tie + p.bothBad);
  });
}

export type CalibrationBin = {
  /** Bounds of the predicted share of the favourite. */
  from: number;
  to: number;
  votes: number;
  /** Mean predicted and mean observed share of the favourite, 0.5 … 1 and 0 … 1. */
  predicted: number;
  observed: number;
  /** Binomial standard error of `observed`; an upper bound where there are ties. */
  standardError: number;
};

/**
 * Does a predicted 70 % happen in 70 % of votes? Every battle is looked at from its favourite's side, so predictions
 * lie in ½ … 1; bins of equal width, empty ones left out.
 *
 * @throws RatingError `bad_counts`; `bad_argument` when bins is no positive integer
 */
export function calibration(
  share: SharePrediction,
  modelCount: number,
  pairs: readonly PairCounts[],
  bins = 10,
): CalibrationBin[] {
  if (!Number.isInteger(bins) || bins < 1) {
    throw new RatingError("bad_argument", "bins must be a positive integer", { bins });
  }
  const table = toPairTable(modelCount, pairs);
  const sums = Array.from({ length: bins }, () => ({ votes: 0, predicted: 0, observed: 0 }));
  for (let k = 0; k < table.size; k++) {
    const half = ((table.tie[k] as number) + (table.bothBad[k] as number)) / 2;
    const forI = (table.winI[k] as number) + half;
    const forJ = (table.winJ[k] as number) + half;
    const p = share(table.i[k] as number, table.j[k] as number);
    const favourite = Math.max(p, 1 - p);
    const bin = sums[Math.min(Math.floor((favourite - 0.5) * 2 * bins), bins - 1)];
    if (bin === undefined) continue;
    bin.votes += forI + forJ;
    bin.predicted += (forI + forJ) * favourite;
    bin.observed += p >= 0.5 ? forI : forJ;
  }
  return sums.flatMap(({ votes, predicted, observed }, at) => {
    if (votes === 0) return [];
    const rate = observed / votes;
    return {
      from: 0.5 + at / (2 * bins),
      to: 0.5 + (at + 1) / (2 * bins),
      votes,
      predicted: predicted / votes,
      observed: rate,
      standardError: Math.sqrt((rate * (1 - rate)) / votes),
    };
  });
}

/**
 * Deals the votes of a table into `folds` parts of random, nearly equal size: each vote goes to one part, chosen by
 * the seed. Fit on all parts but one and test on that one.
 *
 * @returns one list of pair counts a fold; @throws RatingError `bad_counts` when a count is no integer;
 * `bad_argument` for fewer than 2 folds
 */
export function dealFolds(
  modelCount: number,
  pairs: readonly PairCounts[],
  folds: number,
  seed: number,
): PairCounts[][] {
  if (!Number.isInteger(folds) || folds < 2) {
    throw new RatingError("bad_argument", "at least two folds are needed", { folds });
  }
  const table = toPairTable(modelCount, pairs);
  const random = seededRandom(seed);
  const parts = Array.from({ length: folds }, (): PairCounts[] => []);
  for (let k = 0; k < table.size; k++) {
    const cells = parts.map(() => ({
      i: table.i[k] as number,
      j: table.j[k] as number,
      winI: 0,
      winJ: 0,
      tie: 0,
      bothBad: 0,
    }));
    for (const cell of ["winI", "winJ", "tie", "bothBad"] as const) {
      const count = table[cell][k] as number;
      if (!Number.isInteger(count)) throw new RatingError("bad_counts", "folds need whole votes");
      for (let vote = 0; vote < count; vote++) {
        const part = cells[Math.floor(random() * folds)];
        if (part) part[cell]++;
      }
    }
    parts.forEach((part, at) => {
      const counts = cells[at];
      if (counts && counts.winI + counts.winJ + counts.tie + counts.bothBad > 0) part.push(counts);
    });
  }
  return parts;
}

function meanLoss(table: PairTable, lossOf: (pair: PairCounts) => number): number {
  let loss = 0;
  let votes = 0;
  for (let k = 0; k < table.size; k++) {
    const pair = {
      i: table.i[k] as number,
      j: table.j[k] as number,
      winI: table.winI[k] as number,
      winJ: table.winJ[k] as number,
      tie: table.tie[k] as number,
      bothBad: table.bothBad[k] as number,
    };
    loss += lossOf(pair);
    votes += pair.winI + pair.winJ + pair.tie + pair.bothBad;
  }
  if (votes === 0) throw new RatingError("bad_counts", "there are no votes to test on");
  return loss / votes;
}

/** −count·ln p, with 0·ln 0 = 0. */
function entropyTerm(count: number, p: number): number {
  return count === 0 ? 0 : -count * Math.log(p);
}
