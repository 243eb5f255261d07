import {
  davidsonProbabilities,
  fitBoard,
  type OutcomeChances,
  type PairCounts,
  POINTS_PER_BETA,
} from "@/lib/rating";

/** A way in which an honest voter may differ from the board, so that no honest habit counts as an anomaly. */
export type Habit = {
  /** Stretches the difference of strengths: below 1 for voters who tell models apart less well, above for better. */
  skill: number;
  /** Multiplies the tendency to call a tie. */
  ties: number;
  /** Multiplies the odds that a tie is called “both bad”. */
  bothBad: number;
};

/** The board's chance of each outcome of a battle; null where it cannot say yet. */
export type BoardChances = (modelAId: string, modelBId: string, habit: Habit) => OutcomeChances | null;

/** Votes that a model must have before its battles say anything about a voter. */
const leastVotes = 30;
/** Keeps every outcome possible: a vote that the board held all but impossible is no proof by itself. */
const carelessness = 0.02;

/**
 * The four-outcome probabilities of a board by Davidson's model; a tie is split by the board's share of both-bad votes.
 * Differences of strengths are shrunk by their uncertainty (MacKay, Neural Comput. 4 (1992) 720: the mean of a logistic
 * under a normal is about the logistic at d / √(1 + π·var/8)), so that a young board does not take its own noise for truth.
 *
 * @param pairs counts of the votes before those that are judged; positions are indices of `modelIds`
 */
export function boardChances(modelIds: readonly string[], pairs: readonly PairCounts[]): BoardChances {
  if (modelIds.length < 2) return () => null;
  const board = fitBoard(modelIds.length, pairs, { tieModel: "davidson" });
  const fit = board.rated?.fit;
  if (board.rated === null || fit === undefined || !("nu" in fit) || !fit.converged) return () => null;
  const { nu } = fit;
  const index = new Map(modelIds.map((id, position) => [id, position]));
  const bad = pairs.reduce((sum, pair) => sum + pair.bothBad, 0);
  const even = pairs.reduce((sum, pair) => sum + pair.tie, 0);
  const badOdds = (bad + 1) / (even + 1);

  return (modelAId, modelBId, habit) => {
    const [a, b] = [modelAId, modelBId].map((id) => board.rows[index.get(id) ?? -1]);
    if (a?.rating == null || b?.rating == null || Math.min(a.votes, b.votes) < leastVotes) return null;
    const variance = (a.rating.standardError ** 2 + b.rating.standardError ** 2) / POINTS_PER_BETA ** 2;
    const difference = (a.rating.score - b.rating.score) / POINTS_PER_BETA;
    const shrunk = (habit.skill * difference) / Math.sqrt(1 + (Math.PI * variance) / 8);
    const chances = davidsonProbabilities(Math.exp(shrunk / 2), Math.exp(-shrunk / 2), nu * habit.ties);
    const odds = badOdds * habit.bothBad;
    const badShare = odds / (1 + odds);
    const mix = (chance: number) => (1 - carelessness) * chance + carelessness / 4;
    return {
      a: mix(chances.winI),
      b: mix(chances.winJ),
      tie: mix(chances.tie * (1 - badShare)),
      both_bad: mix(chances.tie * badShare),
    };
  };
}
