import type { HeadToHeadRecord } from "@/lib/protocol";
import {
  differenceError,
  modelCovariance,
  normalCdf,
  type PairCounts,
  POINTS_PER_BETA,
  votesToSeparate,
  Z_95,
} from "@/lib/rating";
import type { Fitted } from "./board-fits";

export type DirectRecord = { votes: number; wins: number; losses: number; ties: number; bothBad: number };
export type Share = { value: number; lower: number; upper: number };

/** What two models have done against each other in a category, and what all votes say of them. */
export function headToHeadRecord(fitted: Fitted, aId: string, bId: string): HeadToHeadRecord {
  const a = fitted.modelIds.indexOf(aId);
  const b = fitted.modelIds.indexOf(bId);
  const direct = directRecord(fitted.pairs, a, b);
  const unknown = {
    ...{ predicted: null, scoreDifference: null, probabilityBetter: null },
    ...{ isSeparated: false, votesToSeparate: null },
  };
  return {
    category: fitted.key.category,
    direct: { ...direct, share: wilsonShare(direct) },
    ...(compareStrengths(fitted, a, b) ?? unknown),
  };
}

function compareStrengths(fitted: Fitted, modelA: number, modelB: number) {
  const { rated } = fitted.board;
  const a = rated?.models.indexOf(modelA) ?? -1;
  const b = rated?.models.indexOf(modelB) ?? -1;
  // The default board counts ties ½: its fit is a Bradley–Terry fit.
  if (rated === null || a < 0 || b < 0 || rated.fit.kind !== "half") return null;
  const { fit, scores } = rated;
  const gap = (fit.beta[a] as number) - (fit.beta[b] as number);
  const pointsError = differenceError(scores.covariance, a, b);
  const error = pointsError / POINTS_PER_BETA;
  const shareAt = (logit: number) => 1 / (1 + Math.exp(-logit));
  const sandwich = {
    size: scores.covariance.size,
    values: scores.covariance.values.map((value) => value / POINTS_PER_BETA ** 2),
  };
  const needed = votesToSeparate(fit, sandwich, modelCovariance(fit), a, b);
  return {
    predicted: {
      value: shareAt(gap),
      lower: shareAt(gap - Z_95 * error),
      upper: shareAt(gap + Z_95 * error),
    },
    scoreDifference: {
      value: gap * POINTS_PER_BETA,
      lower: gap * POINTS_PER_BETA - Z_95 * pointsError,
      upper: gap * POINTS_PER_BETA + Z_95 * pointsError,
    },
    probabilityBetter: error > 0 ? normalCdf(gap / error) : gap > 0 ? 1 : gap < 0 ? 0 : 0.5,
    isSeparated: needed === 0,
    votesToSeparate: Number.isSafeInteger(needed) ? needed : null,
  };
}

/** The votes between two models, as the first sees them. */
export function directRecord(pairs: readonly PairCounts[], a: number, b: number): DirectRecord {
  const record: DirectRecord = { votes: 0, wins: 0, losses: 0, ties: 0, bothBad: 0 };
  for (const { i, j, winI, winJ, tie, bothBad } of pairs) {
    const isStraight = i === a && j === b;
    if (!isStraight && !(i === b && j === a)) continue;
    record.votes += winI + winJ + tie + bothBad;
    record.wins += isStraight ? winI : winJ;
    record.losses += isStraight ? winJ : winI;
    record.ties += tie;
    record.bothBad += bothBad;
  }
  return record;
}

/**
 * Share of a record (ties of either kind ½) with Wilson's score interval; a little too wide where there are ties, whose
 * spread is smaller than that of wins. Null without votes.
 *
 * Source: Wilson, J. Am. Stat. Assoc. 22 (1927).
 */
export function wilsonShare({ votes, wins, ties, bothBad }: DirectRecord): Share | null {
  if (votes === 0) return null;
  const value = (wins + (ties + bothBad) / 2) / votes;
  const z2 = Z_95 ** 2;
  const centre = (value + z2 / (2 * votes)) / (1 + z2 / votes);
  const half =
    (Z_95 / (1 + z2 / votes)) * Math.sqrt((value * (1 - value)) / votes + z2 / (4 * votes * votes));
  return { value, lower: Math.max(centre - half, 0), upper: Math.min(centre + half, 1) };
}
