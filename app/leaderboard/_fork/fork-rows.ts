import type { ForkRating, ForkRow } from "@/lib/fork";
import type { BoardPairs, BoardRatingView, LeaderboardRow } from "@/lib/protocol";
import { rankIntervals } from "@/lib/rating";
import type { RatedRow } from "../_board/sort-rows";

/** A model on the fork, and where it stands on the published board. */
export type ForkedRow = RatedRow & { published: BoardRatingView | null };

export type ForkedRows = { rated: ForkedRow[]; unrated: LeaderboardRow[] };

type Shown = { minVotes: number; showRetired: boolean };

/**
 * The fork's rows as the board shows its own: public models, retired ones on request, with at least so many votes, ranked
 * among each other, best first. Published ranks are those of the published board, which knows no least number of votes.
 */
export function toForkedRows(
  { models }: Pick<BoardPairs, "models">,
  rows: readonly ForkRow[],
  { minVotes, showRetired }: Shown,
): ForkedRows {
  const byName = new Map(rows.map((row) => [row.model, row]));
  const open = models.filter(({ stage }) => stage === "public" || (showRetired && stage === "retired"));
  const published = ranked(
    open.map(({ model }) => ({ model, rating: byName.get(model)?.published ?? null })),
  );
  const shown = open.flatMap((facts) => {
    const row = byName.get(facts.model);
    return row === undefined || row.isLeftOut || row.votes < minVotes ? [] : [{ facts, row }];
  });
  const forked = ranked(shown.map(({ row }) => row));
  const all = shown.map(({ facts, row }) => ({
    ...{ ...facts, votes: row.votes, winRate: null, unratedReason: row.unratedReason },
    ...{ rating: forked.get(facts.model) ?? null, published: published.get(facts.model) ?? null },
  }));
  return {
    rated: all
      .flatMap((row): ForkedRow[] => (row.rating === null ? [] : [{ ...row, rating: row.rating }]))
      .sort((x, y) => y.rating.score - x.rating.score),
    unrated: all
      .flatMap(({ published: _, ...row }) => (row.rating === null ? [row] : []))
      .sort((x, y) => y.votes - x.votes),
  };
}

function ranked(rows: readonly { model: string; rating: ForkRating | null }[]): Map<string, BoardRatingView> {
  const rated = rows.flatMap(({ model, rating }) => (rating === null ? [] : [{ model, rating }]));
  const places = rankIntervals(rated.map(({ rating }) => rating));
  return new Map(
    rated.flatMap(({ model, rating }, at) => {
      const place = places[at];
      return place === undefined ? [] : [[model, { ...rating, ...place }] as const];
    }),
  );
}
