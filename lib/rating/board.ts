import { type Components, reachable, reversed, strongComponents, weakComponents, winArrows } from "./graph";
import { modelVotes, type PairTable, subTable, toPairTable } from "./pair-table";
import { intervalTiers, rankSpread } from "./rank";
import { type RatedFit, type RateOptions, rateGroup } from "./rate-group";
import { type Anchor, type Scores, toScores } from "./score";
import type { TieModel } from "./tie-probabilities";
import type { Covariance, PairCounts } from "./types";

/**
 * Why a model has no score.
 *
 * - `no_votes`: it took part in no vote.
 * - `disconnected`: no chain of votes joins it to the rated models.
 * - `only_wins`: no chain of wins or ties leads from the rated models to it, so nothing bounds its score from above.
 *   It, or the group it belongs to, only won.
 * - `only_losses`: the reverse: nothing bounds its score from below.
 * - `not_separable`: votes join it to the rated models only through models that have no score themselves.
 *
 * Where no model is rated yet, the last three speak of the model's own record: only wins, only losses, some of both.
 */
export type UnratedReason = "no_votes" | "disconnected" | "only_wins" | "only_losses" | "not_separable";

export type BoardRating = {
  /** Points; the interval is `lower` … `upper`. */
  score: number;
  lower: number;
  upper: number;
  standardError: number;
  /** Among the rated models, 1 is first. */
  rankBest: number;
  rankWorst: number;
  tier: number;
  /** Fewer votes than `preliminaryBelow`: show the score as preliminary. */
  isPreliminary: boolean;
};

export type BoardRow = {
  model: number;
  /** All votes of the model, also those the fit could not use. */
  votes: number;
  /** (wins + half the ties) / votes; null without votes. */
  winRate: number | null;
} & ({ rating: BoardRating; unratedReason: null } | { rating: null; unratedReason: UnratedReason });

/** How fitted strengths become rows of a board. */
export type LayoutOptions = {
  /** Used when the anchor is rated; else the mean of the rated models is 1000 and `isAnchored` is false. */
  anchor?: Anchor;
  /** See `toScores`. Default `mean`; `anchor` falls back to `mean` where the anchor is not rated. */
  intervalGauge?: "mean" | "anchor";
  /** Half-width of the intervals in standard errors. Default 95 %. */
  z?: number;
  /** Default 30. */
  preliminaryBelow?: number;
};

export type BoardOptions = RateOptions & LayoutOptions;

/** What every board has, whatever fitted it. */
export type BoardOf<Fit> = {
  /** One row a model, in the order of the model indices. */
  rows: BoardRow[];
  /** Null when no two models can be compared yet. Positions of `fit` and `scores` belong to `models`. */
  rated: { models: Int32Array; fit: Fit; scores: Scores } | null;
  /**
   * Groups of at least two models that can be rated among themselves, the rated one first. A caller who wants a board
   * of another group calls `fitBoard` with the counts of its models: scores of different groups cannot be compared.
   */
  groups: Int32Array[];
  /** True when an anchor was asked for and is rated. */
  isAnchored: boolean;
  /** False only if the fit stopped early; true when there was nothing to fit. */
  converged: boolean;
};

export type Board = BoardOf<RatedFit> & {
  /**
   * The model of ties that was fitted; `half` also where the votes do not determine the one asked for, or its fit
   * failed.
   */
  tieModel: "half" | TieModel;
};

/**
 * A board from whatever votes there are. Does not throw on honest data, however sparse: it rates the largest group of
 * models whose strengths the votes determine (most models, then most votes) and says of every other model why it has
 * no score.
 *
 * What a reader should see of very few votes. A score is shown only where both a win (or tie) for and one against the
 * model bound it; anything else would be a number made by a prior, not by voters. With three models and two votes, "A
 * beat B, A beat C", nobody is rated: A has only won, B and C have only lost. With "A tied B, A beat C", A and B are
 * rated, level, as preliminary, and with an interval of hundreds of points (see `cautionVotes`), and C has only lost.
 * The votes with C are left out of the fit of A and B, and that is exact: as the score of C falls without end, those
 * votes end up saying nothing about A against B. It also means that one vote can move a model from "only wins" to a
 * score; the record (votes, win rate) is there for every model from its first vote.
 *
 * @throws RatingError `bad_argument`, `bad_counts` for input that is no vote data at all
 */
export function fitBoard(
  modelCount: number,
  pairs: readonly PairCounts[],
  options: BoardOptions = {},
): Board {
  const board = layOut(modelCount, pairs, options, (table, models) => rateGroup(table, models, options));
  return { ...board, tieModel: board.rated?.fit.kind ?? "half" };
}

/**
 * A board by any fit: picks the models that can be rated, has them rated, and lays out scores, ranks and reasons.
 *
 * @param rate fits the votes among some models (given by their indices on the board) and gives the covariance of β
 */
export function layOut<Fit extends { beta: Float64Array; converged: boolean }>(
  modelCount: number,
  pairs: readonly PairCounts[],
  options: LayoutOptions,
  rate: (table: PairTable, models: Int32Array) => { fit: Fit; covariance: Covariance },
): BoardOf<Fit> {
  const table = toPairTable(modelCount, pairs);
  const votes = modelVotes(table);
  const winRate = winRates(table, votes);
  const strong = strongComponents(table);
  const groups = rateableGroups(strong, votes);
  const main = groups[0];
  const row = (model: number) => ({
    model,
    votes: votes[model] as number,
    winRate: (votes[model] as number) > 0 ? (winRate[model] as number) : null,
  });

  if (main === undefined) {
    const rows = Array.from(votes, (count, model): BoardRow => {
      const unratedReason = count > 0 ? reasonOfRecord(winRate[model] as number) : "no_votes";
      return { ...row(model), rating: null, unratedReason };
    });
    return { rows, rated: null, groups, isAnchored: false, converged: true };
  }

  const { fit, covariance } = rate(subTable(table, main), main);
  const anchor = anchorOf(main, options.anchor);
  const scores = toScores(fit.beta, covariance, {
    anchor,
    intervalGauge: anchor === undefined ? "mean" : options.intervalGauge,
    z: options.z,
  });
  const isAnchored = anchor !== undefined;
  const ranks = rankSpread(scores.lower, scores.upper);
  const tier = intervalTiers(scores.score, scores.lower, scores.upper);
  const reasonOf = reasonsAgainst(table, main);
  const position = new Int32Array(modelCount).fill(-1);
  main.forEach((model, at) => {
    position[model] = at;
  });
  const rows = Array.from(votes, (count, model): BoardRow => {
    const at = position[model] as number;
    if (at < 0) {
      return { ...row(model), rating: null, unratedReason: count > 0 ? reasonOf(model) : "no_votes" };
    }
    const rating: BoardRating = {
      score: scores.score[at] as number,
      lower: scores.lower[at] as number,
      upper: scores.upper[at] as number,
      standardError: scores.standardError[at] as number,
      rankBest: ranks.best[at] as number,
      rankWorst: ranks.worst[at] as number,
      tier: tier[at] as number,
      isPreliminary: count < (options.preliminaryBelow ?? 30),
    };
    return { ...row(model), rating, unratedReason: null };
  });
  const rated = { models: main, fit, scores };
  return { rows, rated, groups, isAnchored, converged: fit.converged };
}

/** The anchor by its position among the rated models, if it is one of them. */
function anchorOf(models: Int32Array, anchor: Anchor | undefined): Anchor | undefined {
  const at = anchor === undefined ? -1 : models.indexOf(anchor.model);
  return anchor === undefined || at < 0 ? undefined : { model: at, score: anchor.score };
}

/** Strong components of two models or more: most models first, then most votes, then the smallest index. */
function rateableGroups(strong: Components, votes: Float64Array): Int32Array[] {
  const members = Array.from(strong.sizes, (): number[] => []);
  strong.label.forEach((component, model) => {
    members[component]?.push(model);
  });
  const votesOf = (group: number[]): number =>
    group.reduce((sum, model) => sum + (votes[model] as number), 0);
  return members
    .filter((group) => group.length > 1)
    .sort((a, b) => b.length - a.length || votesOf(b) - votesOf(a) || (a[0] as number) - (b[0] as number))
    .map((group) => Int32Array.from(group));
}

function reasonOfRecord(winRate: number): UnratedReason {
  // Without a rateable group there are no ties, so a win rate of 1 or 0 is only wins or only losses.
  if (winRate === 1) return "only_wins";
  return winRate === 0 ? "only_losses" : "not_separable";
}

function reasonsAgainst(table: PairTable, main: Int32Array): (model: number) => UnratedReason {
  const weak = weakComponents(table).label;
  const home = weak[main[0] as number];
  const arrows = winArrows(table);
  const below = reachable(arrows, main);
  const above = reachable(reversed(arrows), main);
  return (model) => {
    if (weak[model] !== home) return "disconnected";
    if (above[model] === 1) return "only_wins";
    return below[model] === 1 ? "only_losses" : "not_separable";
  };
}

function winRates(table: PairTable, votes: Float64Array): Float64Array {
  const points = new Float64Array(table.modelCount);
  for (let k = 0; k < table.size; k++) {
    const i = table.i[k] as number;
    const j = table.j[k] as number;
    const half = ((table.tie[k] as number) + (table.bothBad[k] as number)) / 2;
    points[i] = (points[i] as number) + (table.winI[k] as number) + half;
    points[j] = (points[j] as number) + (table.winJ[k] as number) + half;
  }
  return points.map((value, model) => value / (votes[model] as number));
}
