import type { Prisma } from "@/lib/db";
import { blindBoard, overallCategory, selfBoard } from "./count-vote";

/** A vote whose standing changed: 1, it counts again; −1, it no longer does. */
export type CountMove = { voteId: string; change: 1 | -1 };

type LockedVote = { id: string; visitorId: string; modelAId: string; modelBId: string };

/**
 * Runs `change`, which makes votes count or not count (the view `excluded_votes` is the one that says so), and moves the
 * counts, totals and Elo of every vote whose standing it changed, in the caller's transaction: at no moment do counts and
 * exclusions disagree. Locks in the order of `countVote`, models and votes before all else, so that nobody waits in a ring.
 */
export async function moveCounts(
  tx: Prisma.TransactionClient,
  voteIds: readonly string[],
  change: () => Promise<void>,
): Promise<CountMove[]> {
  const votes = await lockVotes(tx, voteIds);
  const before = await findExcluded(tx, votes);
  await change();
  const after = await findExcluded(tx, votes);
  const moves = votes.flatMap(({ id }): CountMove[] => {
    if (before.has(id) === after.has(id)) return [];
    return [{ voteId: id, change: after.has(id) ? -1 : 1 }];
  });
  if (moves.length === 0) return [];
  const moved = JSON.stringify(moves);
  await movePairs(tx, moved);
  await noteMoves(tx, moved);
  await moveElo(tx, moved);
  await moveTotals(tx, moved);
  return moves;
}

async function lockVotes(tx: Prisma.TransactionClient, voteIds: readonly string[]): Promise<LockedVote[]> {
  const ids = [...new Set(voteIds)];
  await tx.$executeRaw`
    SELECT 1 FROM models WHERE id IN (
      SELECT unnest(ARRAY[model_a_id, model_b_id]) FROM votes JOIN battles ON battles.id = battle_id
      WHERE votes.id = ANY (${ids}::uuid[])
    ) ORDER BY id FOR NO KEY UPDATE`;
  return tx.$queryRaw<LockedVote[]>`
    SELECT votes.id, votes.visitor_id AS "visitorId", model_a_id AS "modelAId", model_b_id AS "modelBId"
    FROM votes JOIN battles ON battles.id = battle_id
    WHERE votes.id = ANY (${ids}::uuid[]) ORDER BY votes.id FOR NO KEY UPDATE OF votes`;
}

async function findExcluded(
  tx: Prisma.TransactionClient,
  votes: readonly LockedVote[],
): Promise<Set<string>> {
  const ids = votes.map(({ id }) => id);
  const rows = await tx.$queryRaw<{ voteId: string }[]>`
    SELECT vote_id AS "voteId" FROM excluded_votes WHERE vote_id = ANY (${ids}::uuid[])`;
  return new Set(rows.map(({ voteId }) => voteId));
}

/** The votes of `moved` in every category that counts them. */
async function movePairs(tx: Prisma.TransactionClient, moved: string): Promise<void> {
  await tx.$executeRaw`
    WITH changes AS (
      SELECT COALESCE(facts.board, ${blindBoard}) AS board, category, LEAST(model_a_id, model_b_id) AS low_id,
        GREATEST(model_a_id, model_b_id) AS high_id, model_a_id <= model_b_id AS is_a_low, outcome, change
      FROM jsonb_to_recordset(${moved}::jsonb) AS moved ("voteId" uuid, change int)
        JOIN votes ON votes.id = moved."voteId"
        JOIN battles ON battles.id = battle_id
        LEFT JOIN vote_categories AS facts ON facts.vote_id = votes.id
        CROSS JOIN LATERAL unnest(
          CASE WHEN facts.board = ${selfBoard} THEN ARRAY[${overallCategory}]
            ELSE ARRAY[${overallCategory}] || COALESCE(facts.categories, '{}') END) AS category
    ), sums AS (
      SELECT board, category, low_id, high_id,
        COALESCE(sum(change) FILTER (WHERE outcome = CASE WHEN is_a_low THEN 'a' ELSE 'b' END::outcome), 0)::int AS low,
        COALESCE(sum(change) FILTER (WHERE outcome = CASE WHEN is_a_low THEN 'b' ELSE 'a' END::outcome), 0)::int AS high,
        COALESCE(sum(change) FILTER (WHERE outcome = 'tie'), 0)::int AS even,
        COALESCE(sum(change) FILTER (WHERE outcome = 'both_bad'), 0)::int AS bad
      FROM changes GROUP BY 1, 2, 3, 4
    ), locked AS (
      SELECT counts.board, counts.category, counts.low_id, counts.high_id
      FROM pair_counts AS counts JOIN sums USING (board, category, low_id, high_id)
      ORDER BY 1, 2, 3, 4 FOR UPDATE OF counts
    )
    UPDATE pair_counts AS counts SET win_low = win_low + low, win_high = win_high + high, tie = tie + even,
      both_bad = both_bad + bad
    FROM sums JOIN locked USING (board, category, low_id, high_id)
    WHERE counts.board = sums.board AND counts.category = sums.category
      AND counts.low_id = sums.low_id AND counts.high_id = sums.high_id`;
}

/** At the revisions that the pair counts have just come to, which this transaction has locked with them. */
async function noteMoves(tx: Prisma.TransactionClient, moved: string): Promise<void> {
  await tx.$executeRaw`
    INSERT INTO vote_moves (board, revision, vote_id, change)
    SELECT totals.board, totals.revision, moved."voteId", moved.change
    FROM jsonb_to_recordset(${moved}::jsonb) AS moved ("voteId" uuid, change int)
      LEFT JOIN vote_categories AS facts ON facts.vote_id = moved."voteId"
      JOIN category_totals AS totals
        ON totals.board = COALESCE(facts.board, ${blindBoard}) AND totals.category = ${overallCategory}
    WHERE totals.board <> ${selfBoard}`;
}

/** The step that each vote made is taken back, or made again; later steps stay as they were. */
async function moveElo(tx: Prisma.TransactionClient, moved: string): Promise<void> {
  await tx.$executeRaw`
    UPDATE models SET elo = elo + step
    FROM (
      SELECT model_id, sum(change * points) AS step
      FROM jsonb_to_recordset(${moved}::jsonb) AS moved ("voteId" uuid, change int)
        JOIN votes ON votes.id = moved."voteId"
        JOIN battles ON battles.id = battle_id
        CROSS JOIN LATERAL (VALUES
          (model_a_id, elo_a_after - elo_a_before), (model_b_id, elo_b_after - elo_b_before)
        ) AS steps (model_id, points)
      GROUP BY 1
    ) AS steps WHERE models.id = model_id`;
}

/**
 * Voters are those with a vote that counts: with their rows locked, no vote of theirs is missed. Visitors of one account are one
 * voter.
 */
async function moveTotals(tx: Prisma.TransactionClient, moved: string): Promise<void> {
  await tx.$executeRaw`
    SELECT 1 FROM visitors WHERE id IN (
      SELECT unnest(ARRAY[visitor_id, merged_into_id]) FROM jsonb_to_recordset(${moved}::jsonb) AS moved ("voteId" uuid)
        JOIN votes ON votes.id = moved."voteId"
        JOIN visitors AS voters ON voters.id = visitor_id
    ) ORDER BY id FOR NO KEY UPDATE`;
  await tx.$executeRaw`
    WITH moved AS (
      SELECT "voteId", change FROM jsonb_to_recordset(${moved}::jsonb) AS moved ("voteId" uuid, change int)
    ), standing AS (
      SELECT COALESCE(merged_into_id, visitors.id) AS voter, COALESCE(board, ${blindBoard}) AS board, COALESCE(change, 0) AS change,
        NOT EXISTS (SELECT FROM excluded_votes WHERE excluded_votes.vote_id = votes.id) AS counts
      FROM votes JOIN visitors ON visitors.id = visitor_id
        LEFT JOIN vote_categories AS facts ON facts.vote_id = votes.id
        LEFT JOIN moved ON moved."voteId" = votes.id
      WHERE visitor_id IN (
        SELECT same.id FROM moved JOIN votes AS found ON found.id = moved."voteId"
          JOIN visitors AS cast_by ON cast_by.id = found.visitor_id
          JOIN visitors AS same ON COALESCE(cast_by.merged_into_id, cast_by.id) IN (same.id, same.merged_into_id))
    )
    UPDATE board_totals AS totals SET votes = totals.votes + found.votes, voters = totals.voters + found.voters
    FROM (
      SELECT board, sum(change)::int AS votes,
        (count(DISTINCT voter) FILTER (WHERE counts)
          - count(DISTINCT voter) FILTER (WHERE CASE change WHEN 0 THEN counts ELSE change = -1 END))::int AS voters
      FROM standing GROUP BY 1
    ) AS found
    WHERE totals.board = found.board AND found.board <> ${selfBoard}`;
}
