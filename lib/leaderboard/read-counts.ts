import type { Database } from "@/lib/db";
import type { BoardKey } from "./board-fits";
import { overallCategory } from "./count-vote";
import type { CountRow } from "./fit-counts";

export type Counts = {
  rows: CountRow[];
  votes: number;
  voters: number;
  revision: number;
  /** Of the board's `overall`, at the same moment. */
  boardRevision: number;
};

/** One statement, so that counts and totals are of the same moment; one JSON value, which costs a third of as many rows. */
export async function readCounts(db: Database, { board, category }: BoardKey): Promise<Counts> {
  const [found] = await db.$queryRaw<
    {
      counts: CountTuple[];
      votes: number;
      voters: number;
      revision: number;
      boardRevision: number;
    }[]
  >`
    SELECT
      (SELECT COALESCE(json_agg(json_build_array(low_id, high_id, win_low, win_high, tie, both_bad)
                                 ORDER BY low_id, high_id), '[]')
       FROM pair_counts WHERE board = ${board} AND category = ${category}
         AND win_low + win_high + tie + both_bad > 0) AS counts,
      COALESCE((SELECT votes FROM category_totals WHERE board = ${board} AND category = ${category}), 0) AS votes,
      COALESCE((SELECT revision FROM category_totals WHERE board = ${board} AND category = ${category}), 0)::float8 AS revision,
      COALESCE((SELECT revision FROM category_totals WHERE board = ${board} AND category = ${overallCategory}), 0)::float8
        AS "boardRevision",
      COALESCE((SELECT voters FROM board_totals WHERE board = ${board} AND ${category} = ${overallCategory}), 0) AS voters`;
  if (found === undefined) throw new Error("The counts of a board were not answered.");
  const { counts, ...totals } = found;
  return { rows: counts.map(toCountRow), ...totals };
}

export type EarlierCounts = { rows: CountRow[]; votes: number; countedAt: Date | null };

/**
 * The counts as they were at an earlier revision: those of now without what was changed since, exclusions, imports and new
 * categories too. Takes time with the changes since then, a second for some millions.
 */
export async function readEarlierCounts(
  db: Database,
  { board, category }: BoardKey,
  revision: number,
): Promise<EarlierCounts> {
  const [found] = await db.$queryRaw<{ counts: CountTuple[]; countedAt: Date | null }[]>`
    WITH earlier AS (
      SELECT low_id, high_id, sum(win_low)::int AS win_low, sum(win_high)::int AS win_high, sum(tie)::int AS tie,
        sum(both_bad)::int AS both_bad
      FROM (
        SELECT low_id, high_id, win_low, win_high, tie, both_bad FROM pair_counts
        WHERE board = ${board} AND category = ${category}
        UNION ALL
        SELECT low_id, high_id, -win_low, -win_high, -tie, -both_bad FROM count_changes
        WHERE board = ${board} AND category = ${category} AND revision > ${revision}
      ) AS both_sides GROUP BY 1, 2
    )
    SELECT
      (SELECT COALESCE(json_agg(json_build_array(low_id, high_id, win_low, win_high, tie, both_bad)
                                 ORDER BY low_id, high_id), '[]')
       FROM earlier WHERE win_low + win_high + tie + both_bad > 0) AS counts,
      (SELECT at FROM count_changes WHERE board = ${board} AND category = ${category} AND revision <= ${revision}
       ORDER BY revision DESC LIMIT 1) AS "countedAt"`;
  if (found === undefined) throw new Error("The counts of a board were not answered.");
  const rows = found.counts.map(toCountRow);
  const votes = rows.reduce((sum, row) => sum + row.winLow + row.winHigh + row.tie + row.bothBad, 0);
  return { rows, votes, countedAt: found.countedAt };
}

type CountTuple = [string, string, number, number, number, number];

function toCountRow([lowId, highId, winLow, winHigh, tie, bothBad]: CountTuple): CountRow {
  return { lowId, highId, winLow, winHigh, tie, bothBad };
}
