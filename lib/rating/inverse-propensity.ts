import { RatingError } from "./errors";

/** One battle as an adaptive policy drew it. */
export type LoggedBattle = {
  /** Model on side A and on side B. */
  a: number;
  b: number;
  /** Points of side A: 1, 0, or ½ for a tie. */
  points: number;
  /** Probability with which this ordered pair was drawn, given all that came before. */
  probability: number;
};

export type PropensityRate = {
  /** Battles of the model. */
  battles: number;
  /** Σ w·s / Σ w over them, w = 1 / probability: consistent, and in 0 … 1. NaN without battles. */
  rate: number;
  /** Of `rate`: √Σ w²·(s − rate)² / Σ w. */
  standardError: number;
  /** Σ w·s / (T·2(m − 1)) over all T battles: exactly unbiased, but it varies more and may pass 1. */
  unbiased: number;
};

/**
 * Share of points that each model would win against an opponent drawn uniformly from the others, from battles that
 * were not drawn so. An adaptive policy gives a strong model strong opponents, and its plain win rate falls; weighing
 * each battle by 1 / propensity undoes that without any model of strengths.
 *
 * @param modelCount m; every ordered pair must have had a positive chance in every draw
 * @throws RatingError `bad_argument` for a model out of range, points outside 0 … 1, a probability outside (0, 1]
 * Source: Horvitz and Thompson, J. Amer. Statist. Assoc. 47 (1952); Hájek (1971) for the ratio.
 */
export function inversePropensityRates(
  modelCount: number,
  battles: readonly LoggedBattle[],
): PropensityRate[] {
  const own = Array.from({ length: modelCount }, (): { points: number; weight: number }[] => []);
  battles.forEach(({ a, b, points, probability }, row) => {
    const [left, right] = [own[a], own[b]];
    if (!left || !right || a === b || !(points >= 0 && points <= 1)) {
      throw new RatingError("bad_argument", `battle ${row}: not two models and points in 0 … 1`, { row });
    }
    if (!(probability > 0 && probability <= 1)) {
      throw new RatingError("bad_argument", `battle ${row}: not a probability`, { row, probability });
    }
    left.push({ points, weight: 1 / probability });
    right.push({ points: 1 - points, weight: 1 / probability });
  });
  return own.map((rows) => {
    const weight = rows.reduce((sum, row) => sum + row.weight, 0);
    const won = rows.reduce((sum, row) => sum + row.weight * row.points, 0);
    const rate = won / weight;
    const squares = rows.reduce((sum, row) => sum + (row.weight * (row.points - rate)) ** 2, 0);
    return {
      battles: rows.length,
      rate,
      standardError: Math.sqrt(squares) / weight,
      unbiased: won / (battles.length * 2 * (modelCount - 1)),
    };
  });
}
