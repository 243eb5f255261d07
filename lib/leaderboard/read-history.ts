import type { Database } from "@/lib/db";
import type { BoardKey } from "./board-fits";

/** [votes, score, lower, upper] of each model id; the last three null while it had no score. */
export type SnapshotScores = Record<string, [number, number | null, number | null, number | null]>;
export type HistoryPoint = { at: Date; votes: number; scores: SnapshotScores };

export type HistoryReader = { read(key: BoardKey): Promise<readonly HistoryPoint[]> };

/** How many boards' histories are kept in memory; one has some hundred points a year. */
const maxKept = 24;
const hourMs = 3_600_000;

/**
 * The fits that are kept, oldest first. What lies before the current hour does not change but for being thinned out, so
 * only the newest hour is read again; the whole once a day.
 */
export function createHistoryReader(db: Database, now: () => number = Date.now): HistoryReader {
  const kept = new Map<string, { readAt: number; points: readonly HistoryPoint[] }>();
  return {
    async read({ board, category }) {
      const name = `${board}/${category}`;
      const earlier = kept.get(name);
      const startedAt = now();
      const isOld = earlier === undefined || startedAt - earlier.readAt > 24 * hourMs;
      const last = isOld ? undefined : earlier.points.at(-1);
      const from =
        last === undefined ? new Date(0) : new Date(Math.floor(last.at.getTime() / hourMs) * hourMs);
      const rows = await db.ratingSnapshot.findMany({
        where: { board, category, variant: "counts", createdAt: { gte: from } },
        orderBy: { createdAt: "asc" },
        select: { createdAt: true, votes: true, scores: true },
      });
      const fresh = rows.map(
        (row): HistoryPoint => ({
          at: row.createdAt,
          votes: row.votes,
          scores: row.scores as SnapshotScores,
        }),
      );
      const points = isOld ? fresh : [...earlier.points.filter((point) => point.at < from), ...fresh];
      kept.delete(name);
      if (points.length > 0) kept.set(name, { readAt: isOld ? startedAt : earlier.readAt, points });
      const oldest = kept.keys().next().value;
      if (kept.size > maxKept && oldest !== undefined) kept.delete(oldest);
      return points;
    },
  };
}

export type ScorePoint = [number, number, number];

export function scorePoint(scores: SnapshotScores, modelId: string): ScorePoint | null {
  const [, score, lower, upper] = scores[modelId] ?? [];
  return score == null || lower == null || upper == null ? null : [score, lower, upper];
}

/**
 * Votes counted for a model on each UTC day that had any: the growth of its votes from the last fit of a day to that of
 * the next. Votes that were imported count on the day of their import; a day on which votes were excluded counts none.
 */
export function votesByDay(
  points: readonly HistoryPoint[],
  modelId: string,
): { day: string; votes: number }[] {
  const lastOfDay = new Map<string, number>();
  for (const { at, scores } of points) {
    lastOfDay.set(at.toISOString().slice(0, 10), scores[modelId]?.[0] ?? 0);
  }
  let before = 0;
  return [...lastOfDay].flatMap(([day, votes]) => {
    const grown = votes - before;
    before = votes;
    return grown > 0 ? [{ day, votes: grown }] : [];
  });
}
