import type { Prisma } from "@/lib/db";
import type { Outcome } from "@/lib/protocol";

/** The board of anonymous battles; named and judge votes get boards of their own and are never mixed with it. */
export const blindBoard = "blind";
/** Votes on models that the visitor had chosen by name. */
export const compareBoard = "compare";
export const overallCategory = "overall";

export type CountedVote = {
  board: string;
  category: string;
  modelAId: string;
  modelBId: string;
  visitorId: string;
  outcome: Outcome;
};

/**
 * Adds one vote to the counts that the boards are fitted from. Runs in the transaction that stores the vote, so counts
 * and votes can never disagree. Locks rows in a fixed order (pair, visitor, total): concurrent votes cannot deadlock.
 */
export async function countVote(tx: Prisma.TransactionClient, vote: CountedVote): Promise<void> {
  const isALow = vote.modelAId < vote.modelBId;
  const [lowId, highId] = isALow ? [vote.modelAId, vote.modelBId] : [vote.modelBId, vote.modelAId];
  const winLow = vote.outcome === (isALow ? "a" : "b") ? 1 : 0;
  const winHigh = vote.outcome === (isALow ? "b" : "a") ? 1 : 0;
  const tie = vote.outcome === "tie" ? 1 : 0;
  const bothBad = vote.outcome === "both_bad" ? 1 : 0;
  await tx.$executeRaw`
    INSERT INTO pair_counts AS counts (board, category, low_id, high_id, win_low, win_high, tie, both_bad)
    VALUES (${vote.board}, ${vote.category}, ${lowId}::uuid, ${highId}::uuid, ${winLow}, ${winHigh}, ${tie}, ${bothBad})
    ON CONFLICT (board, category, low_id, high_id) DO UPDATE SET
      win_low = counts.win_low + excluded.win_low,
      win_high = counts.win_high + excluded.win_high,
      tie = counts.tie + excluded.tie,
      both_bad = counts.both_bad + excluded.both_bad`;
  const visitor = await tx.visitor.update({
    where: { id: vote.visitorId },
    data: { voteCount: { increment: 1 } },
    select: { voteCount: true },
  });
  const newVoters = visitor.voteCount === 1 || (await countVotesOn(tx, vote)) === 1 ? 1 : 0;
  await tx.$executeRaw`
    INSERT INTO board_totals AS totals (board, votes, voters) VALUES (${vote.board}, 1, ${newVoters})
    ON CONFLICT (board) DO UPDATE SET votes = totals.votes + 1, voters = totals.voters + excluded.voters`;
}

/** Votes of the visitor on this board, this one included. The visitor's row is locked, so none is missed. */
function countVotesOn(tx: Prisma.TransactionClient, { visitorId, board }: CountedVote): Promise<number> {
  const kind = board === compareBoard ? "compare" : "blind";
  return tx.vote.count({ where: { visitorId, battle: { kind } } });
}
