import { overallCategory } from "./count-vote";

/** What this needs of a connection of `pg` that is in the middle of a transaction. */
type Transaction = {
  query<Row extends object>(sql: string, values?: unknown[]): Promise<{ rows: Row[] }>;
};

/**
 * Adds the votes of a table to the counts that the boards are fitted from, as `countVote` does for one vote, in the
 * transaction that stores them. Rows are locked in the order of `countVote`: pairs, then totals.
 *
 * @param table a table or view with the columns board, model_a_id, model_b_id, outcome, count
 * @param newVoters voters that each board has not had before
 */
export async function countImported(
  transaction: Transaction,
  table: string,
  newVoters: ReadonlyMap<string, number>,
): Promise<void> {
  await transaction.query(
    `INSERT INTO pair_counts AS counts (board, category, low_id, high_id, win_low, win_high, tie, both_bad)
     SELECT board, $1, least(model_a_id, model_b_id) AS low_id, greatest(model_a_id, model_b_id) AS high_id,
            coalesce(sum(count) FILTER (WHERE outcome::text = CASE WHEN model_a_id < model_b_id THEN 'a' ELSE 'b' END), 0),
            coalesce(sum(count) FILTER (WHERE outcome::text = CASE WHEN model_a_id < model_b_id THEN 'b' ELSE 'a' END), 0),
            coalesce(sum(count) FILTER (WHERE outcome = 'tie'), 0),
            coalesce(sum(count) FILTER (WHERE outcome = 'both_bad'), 0)
       FROM ${table}
      GROUP BY 1, 3, 4 ORDER BY 1, 3, 4
     ON CONFLICT (board, category, low_id, high_id) DO UPDATE SET
       win_low = counts.win_low + excluded.win_low,
       win_high = counts.win_high + excluded.win_high,
       tie = counts.tie + excluded.tie,
       both_bad = counts.both_bad + excluded.both_bad`,
    [overallCategory],
  );
  const boards = [...newVoters.keys()].sort();
  await transaction.query(
    `INSERT INTO board_totals AS totals (board, votes, voters)
     SELECT board, sum(count), max(voters)
       FROM ${table} JOIN unnest($1::text[], $2::int[]) AS fresh (board, voters) USING (board)
      GROUP BY board ORDER BY board
     ON CONFLICT (board) DO UPDATE SET
       votes = totals.votes + excluded.votes, voters = totals.voters + excluded.voters`,
    [boards, boards.map((board) => newVoters.get(board) ?? 0)],
  );
}
