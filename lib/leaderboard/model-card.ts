import type { BoardName, ModelCard, Opponent } from "@/lib/protocol";
import { shareByStrength } from "@/lib/rating";
import type { Fitted } from "./board-fits";
import type { BoardState, ModelFacts } from "./board-state";
import { shownRows, toFacts, toFittedRows } from "./board-view";
import { directRecord, wilsonShare } from "./head-to-head";
import { type HistoryPoint, scorePoint, votesByDay } from "./read-history";

/** How many opponents are named as best and as worst. */
const named = 5;

/** All that is known of a model on one board. `fits`: of every category of the board, overall first. */
export function toModelCard(input: {
  state: BoardState;
  model: ModelFacts;
  board: BoardName;
  isServed: boolean;
  fits: readonly Fitted[];
  history: readonly HistoryPoint[];
}): ModelCard {
  const { state, model, board, isServed, fits, history } = input;
  const [overall, ...others] = fits;
  const place = (fitted: Fitted) => {
    const rows = toFittedRows(fitted.board, fitted.modelIds);
    const shown = shownRows(state, rows, { minVotes: 0, showRetired: true });
    const row = shown.find(({ facts }) => facts.id === model.id);
    return {
      votes: row?.votes ?? 0,
      winRate: row?.winRate ?? null,
      rating: row?.rating ?? null,
      unratedReason: row === undefined ? ("no_votes" as const) : row.unratedReason,
    };
  };
  const opponents = overall === undefined ? [] : opponentsOf(state, overall, model.id);
  const byShare = (share: (opponent: Opponent) => number, take: number) =>
    [...opponents]
      .sort((x, y) => take * (share(y) - share(x)) || y.votes - x.votes)
      .slice(0, named)
      .map((opponent) => opponent.model);
  return {
    board,
    ...toFacts(model),
    tags: model.tags,
    createdAt: model.createdAt.toISOString(),
    isServed,
    ...(overall === undefined
      ? { votes: 0, winRate: null, rating: null, unratedReason: "no_votes" }
      : place(overall)),
    history: history.map(({ at, scores }) => ({
      at: at.toISOString(),
      votes: scores[model.id]?.[0] ?? 0,
      score: scorePoint(scores, model.id),
    })),
    votesByDay: votesByDay(history, model.id),
    categories: others.flatMap((fitted) => {
      const { unratedReason: _, ...placed } = place(fitted);
      if (placed.votes === 0) return [];
      const againstOverall = overall === undefined ? null : scoreShift(fitted, overall, model.id);
      return [{ category: fitted.key.category, ...placed, againstOverall }];
    }),
    opponents,
    bestOpponents: byShare(({ share }) => share.lower, 1),
    worstOpponents: byShare(({ share }) => share.upper, -1),
  };
}

/** Every opponent with votes, most votes first. */
function opponentsOf(state: BoardState, fitted: Fitted, modelId: string): Opponent[] {
  const own = fitted.modelIds.indexOf(modelId);
  const { rated } = fitted.board;
  const predict = rated === null ? null : shareByStrength(rated.fit.beta);
  const at = (model: number) => rated?.models.indexOf(model) ?? -1;
  return fitted.pairs
    .flatMap((pair): Opponent[] => {
      if (pair.i !== own && pair.j !== own) return [];
      const other = pair.i === own ? pair.j : pair.i;
      const facts = state.modelById.get(fitted.modelIds[other] ?? "");
      const record = directRecord([pair], own, other);
      const share = wilsonShare(record);
      if (facts === undefined || share === null) return [];
      const isKnown = at(own) >= 0 && at(other) >= 0;
      const predicted = predict === null || !isKnown ? null : predict(at(own), at(other));
      return [{ model: facts.name, displayName: facts.displayName, ...record, share, predicted }];
    })
    .sort((x, y) => y.votes - x.votes || (x.model < y.model ? -1 : 1));
}

/** Points by which a model stands better in one fit than in another, both against the mean of the models rated in both. */
function scoreShift(fitted: Fitted, overall: Fitted, modelId: string): number | null {
  const scores = ratedScores(fitted);
  const overallScores = ratedScores(overall);
  const common = [...scores.keys()].filter((id) => overallScores.has(id));
  const score = scores.get(modelId);
  const overallScore = overallScores.get(modelId);
  if (score === undefined || overallScore === undefined) return null;
  const mean = (of: ReadonlyMap<string, number>) =>
    common.reduce((sum, id) => sum + (of.get(id) ?? 0), 0) / common.length;
  return score - mean(scores) - (overallScore - mean(overallScores));
}

function ratedScores(fitted: Fitted): Map<string, number> {
  return new Map(
    fitted.board.rows.flatMap(({ model, rating }): [string, number][] =>
      rating === null ? [] : [[fitted.modelIds[model] ?? "", rating.score]],
    ),
  );
}
