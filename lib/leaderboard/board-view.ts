import type {
  BoardPairs,
  BoardQuery,
  BoardRatingView,
  Leaderboard,
  LeaderboardRow,
  StyleEffect,
  TieModelName,
  UnratedReasonName,
} from "@/lib/protocol";
import { type Board, rankIntervals } from "@/lib/rating";
import type { Fitted } from "./board-fits";
import type { BoardState, ModelFacts } from "./board-state";
import { blindBoard } from "./count-vote";

/** A row of any fit, by the id of its model. */
export type FittedRow = {
  modelId: string;
  votes: number;
  winRate: number | null;
  rating: { score: number; lower: number; upper: number; isPreliminary: boolean } | null;
  unratedReason: UnratedReasonName | null;
};

/** What was fitted for an answer. */
export type ShownFit = {
  rows: readonly FittedRow[];
  ties: TieModelName;
  snapshotId: string | null;
  fittedAt: Date | null;
  inputsHash: string;
  codeVersion: string;
  votes: number;
  voters: number;
  isReady: boolean;
  converged: boolean;
  styleEffects: readonly StyleEffect[];
};

export type ShownRow = Omit<FittedRow, "rating"> & { facts: ModelFacts; rating: BoardRatingView | null };

export function toFittedRows(board: Board, modelIds: readonly string[]): FittedRow[] {
  return board.rows.map(({ model, ...row }) => ({ modelId: modelIds[model] ?? "", ...row }));
}

/**
 * The rows that a reader sees, best first, then the unrated by votes: public models with at least `minVotes`, retired ones
 * on request. Ranks and tiers are among these, so that a hidden model leaves no gap.
 */
export function shownRows(
  state: BoardState,
  rows: readonly FittedRow[],
  { minVotes, showRetired }: Pick<BoardQuery, "minVotes" | "showRetired">,
): ShownRow[] {
  const byModel = new Map(rows.map((row) => [row.modelId, row]));
  const isShown = ({ stage }: ModelFacts) => stage === "public" || (showRetired && stage === "retired");
  const shown = state.models.flatMap((facts) => {
    const row = byModel.get(facts.id) ?? {
      ...{ modelId: facts.id, votes: 0, winRate: null, rating: null, unratedReason: "no_votes" as const },
    };
    return isShown(facts) && row.votes >= minVotes ? [{ ...row, facts }] : [];
  });
  const rated = shown.flatMap(({ rating, modelId }) => (rating === null ? [] : [{ ...rating, modelId }]));
  const ranks = rankIntervals(rated);
  const ratings = new Map(
    rated.map(({ modelId, score, lower, upper, isPreliminary }, at): [string, BoardRatingView] => [
      modelId,
      { score, lower, upper, isPreliminary, ...(ranks[at] ?? { rankBest: 1, rankWorst: 1, tier: 1 }) },
    ]),
  );
  return shown
    .map((row): ShownRow => ({ ...row, rating: ratings.get(row.modelId) ?? null }))
    .sort((x, y) => (y.rating?.score ?? -Infinity) - (x.rating?.score ?? -Infinity) || y.votes - x.votes);
}

/** The answer to a request for a board. */
export function toLeaderboard(state: BoardState, fit: ShownFit, query: BoardQuery): Leaderboard {
  const { board, category, style, ties, weights } = query;
  return {
    ...{ board, category, style, ties, weights },
    fittedTies: fit.ties,
    snapshotId: fit.snapshotId,
    inputsHash: fit.inputsHash,
    codeVersion: fit.codeVersion,
    fittedAt: fit.fittedAt?.toISOString() ?? null,
    isReady: fit.isReady,
    converged: fit.converged,
    votes: fit.votes,
    voters: category === "overall" ? fit.voters : null,
    categories: (state.totals[board] ?? [])
      .filter((total) => total.votes > 0)
      .map((total) => ({ category: total.category, votes: total.votes })),
    styleEffects: [...fit.styleEffects],
    noiseFloor: board === blindBoard ? state.noiseFloor : null,
    rows: shownRows(state, fit.rows, query).map(
      ({ facts, votes, winRate, rating, unratedReason }): LeaderboardRow => ({
        ...toFacts(facts),
        ...{ votes, winRate, rating, unratedReason },
      }),
    ),
  };
}

/** What everyone may know of a model. */
export function toFacts(model: ModelFacts) {
  const { priceInputMicros, priceOutputMicros } = model;
  return {
    model: model.name,
    displayName: model.displayName,
    organization: model.organization,
    licence: model.licence,
    contextLength: model.contextLength,
    price:
      priceInputMicros === null || priceOutputMicros === null
        ? null
        : { inputMicros: priceInputMicros, outputMicros: priceOutputMicros },
    stage: model.stage,
    elo: model.elo,
  };
}

/** The counts of a fit as they are published: see `boardPairsSchema`. */
export function toBoardPairs(
  state: BoardState,
  fitted: Omit<Fitted, "boardRevision" | "revision">,
  names: Pick<BoardPairs, "codeVersion" | "edition" | "votesEdition">,
): BoardPairs {
  const { rows } = fitted.board;
  const order = rows
    .map((_, model) => model)
    .sort(
      (x, y) =>
        (rows[y]?.rating?.score ?? -Infinity) - (rows[x]?.rating?.score ?? -Infinity) ||
        (rows[y]?.votes ?? 0) - (rows[x]?.votes ?? 0),
    );
  const place = new Map(order.map((model, at) => [model, at]));
  return {
    ...fitted.key,
    snapshotId: fitted.snapshotId,
    inputsHash: fitted.inputsHash,
    ...names,
    votes: fitted.votes,
    countedAt: fitted.fittedAt?.toISOString() ?? null,
    models: order.flatMap((model) => {
      const facts = state.modelById.get(fitted.modelIds[model] ?? "");
      return facts === undefined ? [] : [{ ...toFacts(facts), votes: rows[model]?.votes ?? 0 }];
    }),
    pairs: fitted.pairs.map(({ i, j, winI, winJ, tie, bothBad }) => [
      ...([place.get(i) ?? 0, place.get(j) ?? 0] as const),
      ...([winI, winJ, tie, bothBad] as const),
    ]),
  };
}
