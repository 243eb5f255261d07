import { RatingError } from "./errors";
import type { Outcome } from "./types";

/** Defaults: K = 4, base 10, scale 400 points for odds of 10 : 1. */
export type EloOptions = {
  /** Points at stake in one vote. Default 4: small, so that the order of votes matters little. */
  k?: number;
  /** Rating difference at which the odds are 10 : 1. Default 400. */
  scale?: number;
};

/** Rating of a model before its first vote, in points. */
export const ELO_START = 1000;

/**
 * Expected share of A against B: 1 / (1 + 10^((b − a) / scale)), in 0 … 1.
 * Source: Elo, The Rating of Chessplayers (1978), 1.5.
 */
export function eloExpected(ratingA: number, ratingB: number, options: EloOptions = {}): number {
  return 1 / (1 + 10 ** ((ratingB - ratingA) / (options.scale ?? 400)));
}

/**
 * Ratings after one vote: a′ = a + K·(s − expected), b′ = b − K·(s − expected), where s is 1, 0, or ½ for both kinds
 * of tie. What one side gains the other loses. This is what a voter sees move at once; the board is a Bradley–Terry
 * fit, which does not depend on the order of votes.
 *
 * @param ratingA, ratingB points; @throws RatingError `bad_argument` when a rating or an option is not finite
 */
export function eloUpdate(
  ratingA: number,
  ratingB: number,
  outcome: Outcome,
  options: EloOptions = {},
): { a: number; b: number } {
  const k = options.k ?? 4;
  if (!Number.isFinite(ratingA + ratingB + k) || !((options.scale ?? 400) > 0)) {
    throw new RatingError("bad_argument", "ratings, k and scale must be finite, scale positive");
  }
  const share = outcome === "a" ? 1 : outcome === "b" ? 0 : 0.5;
  const change = k * (share - eloExpected(ratingA, ratingB, options));
  return { a: ratingA + change, b: ratingB - change };
}
