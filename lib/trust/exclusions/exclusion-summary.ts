import { type Database, databaseError } from "@/lib/db";
import { blindBoard } from "@/lib/leaderboard";
import { type ExclusionSummary, exclusionReasonSchema } from "@/lib/protocol";
import { rulesVersion } from "./rules-version";

/** How long the sums of points look back. */
const days = 90;

/**
 * What everybody may know: how many votes are left out and why, how many decisions were taken back, and how far all of them
 * together moved each model. Nobody's votes can be told from it. Errors: `database_unavailable`.
 */
export async function exclusionSummary(db: Database): Promise<ExclusionSummary> {
  try {
    const [reasons, totals, moves] = await Promise.all([
      db.$queryRaw<{ reason: string; votes: number; acts: number; reversed: number; latest: Date }[]>`
        SELECT act.reason, count(DISTINCT exclusion.vote_id) FILTER (WHERE reversal.act_id IS NULL)::int AS votes,
          count(DISTINCT act.id)::int AS acts, count(DISTINCT reversal.act_id)::int AS reversed, max(act.at) AS latest
        FROM exclusion_acts AS act JOIN vote_exclusions AS exclusion ON exclusion.act_id = act.id
          LEFT JOIN exclusion_reversals AS reversal ON reversal.act_id = act.id
        GROUP BY 1 ORDER BY 2 DESC, 1`,
      db.$queryRaw<{ votes: number; excluded: number }[]>`
        SELECT (SELECT count(*) FROM votes)::int AS votes, (SELECT count(*) FROM excluded_votes)::int AS excluded`,
      db.$queryRaw<{ name: string; displayName: string; points: number; acts: number }[]>`
        SELECT name, display_name AS "displayName", sum((move ->> 2)::float8 - (move ->> 1)::float8) AS points,
          count(*)::int AS acts
        FROM exclusion_acts AS act CROSS JOIN LATERAL jsonb_array_elements(act.effect -> ${blindBoard}) AS move
          JOIN models ON models.id = (move ->> 0)::uuid
        WHERE act.at > now() - make_interval(days => ${days}::int) AND models.stage <> 'experimental'
          AND NOT EXISTS (SELECT FROM exclusion_reversals AS reversal WHERE reversal.act_id = act.id)
          AND move ->> 1 IS NOT NULL AND move ->> 2 IS NOT NULL
        GROUP BY 1, 2 ORDER BY abs(sum((move ->> 2)::float8 - (move ->> 1)::float8)) DESC, 1 LIMIT 200`,
    ]);
    return {
      rulesVersion,
      votes: totals[0]?.votes ?? 0,
      excluded: totals[0]?.excluded ?? 0,
      reasons: reasons.map(({ reason, latest, ...row }) => ({
        reason: exclusionReasonSchema.parse(reason),
        ...row,
        latest: latest.toISOString(),
      })),
      days,
      moves: moves.map(({ name, displayName, points, acts }) => ({ model: name, displayName, points, acts })),
    };
  } catch (error) {
    throw databaseError(error);
  }
}
