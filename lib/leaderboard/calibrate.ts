import {
  type CalibrationBin,
  calibration,
  dealFolds,
  fitBoard,
  type PairCounts,
  shareByStrength,
  shareLogLoss,
  votesOf,
} from "@/lib/rating";

export const calibrationFolds = 5;
const seed = 1;

export type Calibration = { votes: number; logLoss: number | null; bins: CalibrationBin[] };

export const noCalibration: Calibration = { votes: 0, logLoss: null, bins: [] };

/**
 * How well a board predicts votes that its fit has not seen: the votes are dealt into five parts, each is predicted from
 * the other four, and the predictions of all parts are put together. Votes of models that the four parts cannot rate are
 * left out. The same counts give the same answer. O(votes) and five fits.
 *
 * @param modelCount models are 0 … m − 1; @param pairs whole votes
 */
export function calibrate(modelCount: number, pairs: readonly PairCounts[]): Calibration {
  if (modelCount < 2 || pairs.length === 0) return noCalibration;
  const folds = dealFolds(modelCount, pairs, calibrationFolds, seed);
  let votes = 0;
  let loss = 0;
  const sums = new Map<number, CalibrationBin & { hits: number; promised: number }>();
  folds.forEach((held, at) => {
    const seen = folds.flatMap((part, other) => (other === at ? [] : part));
    const { rated } = fitBoard(modelCount, seen);
    if (rated === null) return;
    const place = new Map(Array.from(rated.models, (model, position) => [model, position] as const));
    const known = held.flatMap((pair): PairCounts[] => {
      const i = place.get(pair.i);
      const j = place.get(pair.j);
      return i === undefined || j === undefined ? [] : [{ ...pair, i, j }];
    });
    const size = known.reduce((sum, pair) => sum + votesOf(pair), 0);
    if (size === 0) return;
    const share = shareByStrength(rated.fit.beta);
    votes += size;
    loss += size * shareLogLoss(share, rated.models.length, known);
    for (const bin of calibration(share, rated.models.length, known)) {
      const sum = sums.get(bin.from) ?? { ...bin, votes: 0, hits: 0, promised: 0 };
      sum.votes += bin.votes;
      sum.hits += bin.votes * bin.observed;
      sum.promised += bin.votes * bin.predicted;
      sums.set(bin.from, sum);
    }
  });
  if (votes === 0) return noCalibration;
  const bins = [...sums.values()]
    .sort((x, y) => x.from - y.from)
    .map(({ hits, promised, ...bin }): CalibrationBin => {
      const observed = hits / bin.votes;
      const standardError = Math.sqrt((observed * (1 - observed)) / bin.votes);
      return { ...bin, predicted: promised / bin.votes, observed, standardError };
    });
  return { votes, logLoss: loss / votes, bins };
}
