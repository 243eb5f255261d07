import type { Prisma } from "@/lib/db";
import type { BoardName, Category, Outcome } from "@/lib/protocol";

/** The board of anonymous battles; named and judge votes get boards of their own and are never mixed with it. */
export const blindBoard = "blind" as const satisfies BoardName;
/** Votes on models that the visitor had chosen by name. */
export const compareBoard = "compare" as const satisfies BoardName;
/**
 * Where votes on a battle of a model against itself are counted: `win_low` for side A, `win_high` for side B. It is never
 * fitted and never shown as a board.
 */
export const selfBoard = "self" as const;
export const overallCategory = "overall" as const satisfies Category;

export type CountedVote = {
  voteId: string;
  board: BoardName;
  /** Without `overall`, in which every vote counts. */
  categories: readonly Category[];
  modelAId: string;
  modelBId: string;
  visitorId: string;
  outcome: Outcome;
};

/** Where a vote is counted: its board, or apart when both sides are one model. */
export function boardOf(vote: Pick<CountedVote, "board" | "modelAId" | "modelBId">): BoardName | "self" {
  return vote.modelAId === vote.modelBId ? selfBoard : vote.board;
}

/**
 * Adds one vote to the counts that the boards are fitted from. Runs in the transaction that stores the vote, after it, so
 * counts and votes can never disagree. Locks rows in a fixed order (pair by category; totals by category, which a trigger
 * keeps; visitor; total): concurrent votes cannot deadlock.
 */
export async function countVote(tx: Prisma.TransactionClient, vote: CountedVote): Promise<void> {
  const board = boardOf(vote);
  const categories = board === selfBoard ? [overallCategory] : [overallCategory, ...vote.categories].sort();
  const isALow = vote.modelAId <= vote.modelBId;
  const [lowId, highId] = isALow ? [vote.modelAId, vote.modelBId] : [vote.modelBId, vote.modelAId];
  const winLow = vote.outcome === (isALow ? "a" : "b") ? 1 : 0;
  const winHigh = vote.outcome === (isALow ? "b" : "a") ? 1 : 0;
  const tie = vote.outcome === "tie" ? 1 : 0;
  const bothBad = vote.outcome === "both_bad" ? 1 : 0;
  await tx.$executeRaw`
    INSERT INTO pair_counts AS counts (board, category, low_id, high_id, win_low, win_high, tie, both_bad)
    SELECT ${board}, category, ${lowId}::uuid, ${highId}::uuid, ${winLow}::int, ${winHigh}::int, ${tie}::int, ${bothBad}::int
    FROM unnest(${categories}::text[]) AS category
    ON CONFLICT (board, category, low_id, high_id) DO UPDATE SET
      win_low = counts.win_low + excluded.win_low,
      win_high = counts.win_high + excluded.win_high,
      tie = counts.tie + excluded.tie,
      both_bad = counts.both_bad + excluded.both_bad`;
  const visitor = await tx.visitor.update({
    where: { id: vote.visitorId },
    data: { voteCount: { increment: 1 } },
    select: { voteCount: true, mergedIntoId: true },
  });
  if (board === selfBoard) return;
  const isFirst = visitor.voteCount === 1 && visitor.mergedIntoId === null;
  const newVoters = isFirst || !(await hasVotedBefore(tx, vote)) ? 1 : 0;
  // The pair counts above have locked the revision that this vote made.
  await tx.$executeRaw`
    WITH moved AS (
      INSERT INTO vote_moves (board, revision, vote_id, change)
      SELECT board, revision, ${vote.voteId}::uuid, 1 FROM category_totals
      WHERE board = ${board} AND category = ${overallCategory}
    )
    INSERT INTO board_totals AS totals (board, votes, voters) VALUES (${board}, 1, ${newVoters})
    ON CONFLICT (board) DO UPDATE SET votes = totals.votes + 1, voters = totals.voters + excluded.voters`;
}

/**
 * On this board, by a vote that counts: the visitor may have voted on others. Visitors of one account are one voter. The visitor's
 * row is locked, so no vote of theirs is missed.
 */
async function hasVotedBefore(tx: Prisma.TransactionClient, vote: CountedVote): Promise<boolean> {
  const earlier = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM votes LEFT JOIN vote_categories ON vote_id = votes.id
    WHERE votes.id <> ${vote.voteId}::uuid AND votes.visitor_id IN (
      SELECT same.id FROM visitors AS voter
      JOIN visitors AS same ON COALESCE(voter.merged_into_id, voter.id) IN (same.id, same.merged_into_id)
      WHERE voter.id = ${vote.visitorId}::uuid)
      AND COALESCE(board, ${blindBoard}) = ${vote.board}
      AND NOT EXISTS (SELECT FROM excluded_votes WHERE excluded_votes.vote_id = votes.id)
    LIMIT 1`;
  return earlier.length > 0;
}
