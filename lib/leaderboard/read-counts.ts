import type { Database } from "@/lib/db";
import type { BoardKey } from "./board-fits";
import { overallCategory } from "./count-vote";
import type { CountRow } from "./fit-counts";

export type Counts = { rows: CountRow[]; votes: number; voters: number; revision: number };

/** One statement, so that counts and totals are of the same moment; one JSON value, which costs a third of as many rows. */
export async function readCounts(db: Database, { board, category }: BoardKey): Promise<Counts> {
  const [found] = await db.$queryRaw<
    {
      counts: [string, string, number, number, number, number][];
      votes: number;
      voters: number;
      revision: number;
    }[]
  >`
    SELECT
      (SELECT COALESCE(json_agg(json_build_array(low_id, high_id, win_low, win_high, tie, both_bad)
                                 ORDER BY low_id, high_id), '[]')
       FROM pair_counts WHERE board = ${board} AND category = ${category}
         AND win_low + win_high + tie + both_bad > 0) AS counts,
      COALESCE((SELECT votes FROM category_totals WHERE board = ${board} AND category = ${category}), 0) AS votes,
      COALESCE((SELECT revision FROM category_totals WHERE board = ${board} AND category = ${category}), 0)::float8 AS revision,
      COALESCE((SELECT voters FROM board_totals WHERE board = ${board} AND ${category} = ${overallCategory}), 0) AS voters`;
  if (found === undefined) throw new Error("The counts of a board were not answered.");
  const rows = found.counts.map(
    ([lowId, highId, winLow, winHigh, tie, bothBad]): CountRow => ({
      lowId,
      highId,
      winLow,
      winHigh,
      tie,
      bothBad,
    }),
  );
  return { rows, votes: found.votes, voters: found.voters, revision: found.revision };
}
