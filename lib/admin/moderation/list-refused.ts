import { type Database, databaseError } from "@/lib/db";
import type { ModerationSurface, RefusedVisitors } from "@/lib/protocol";

const pageSize = 20;

type Row = {
  visitorId: string;
  latest: string;
  last: Date;
  isDisabled: boolean;
  refusals: {
    category: string;
    surface: ModerationSurface;
    isImage: boolean;
    count: number;
    maxScore: number;
  }[];
};

/**
 * Visitors of whom the chain has refused something within the time that this is kept, whoever was refused last first. What they sent
 * is stored nowhere; what was found, how often and where, is enough to see who tries again and again. Errors: `database_unavailable`.
 */
export async function listRefused(
  db: Database,
  { before = null }: { before?: string | null } = {},
): Promise<RefusedVisitors> {
  try {
    // uuids of version 7 are in the order of their making; PostgreSQL has no max() of them before version 18.
    const rows = await db.$queryRaw<Row[]>`
      WITH kinds AS (
        SELECT visitor_id, category, surface, coalesce(about = 'image', false) AS is_image, count(*)::int AS count,
               max(score) AS max_score, max(at) AS last, max(id::text) AS latest
        FROM moderation_results WHERE visitor_id IS NOT NULL AND outcome = 'refused'
        GROUP BY visitor_id, category, surface, coalesce(about = 'image', false)
      )
      SELECT kinds.visitor_id AS "visitorId", max(kinds.latest) AS latest, max(kinds.last) AS last,
             bool_or(visitor.disabled_at IS NOT NULL) AS "isDisabled",
             json_agg(json_build_object('category', kinds.category, 'surface', kinds.surface, 'isImage', kinds.is_image,
                                        'count', kinds.count, 'maxScore', kinds.max_score)
                      ORDER BY kinds.count DESC, kinds.category, kinds.surface) AS refusals
      FROM kinds LEFT JOIN visitors visitor ON visitor.id = kinds.visitor_id
      GROUP BY kinds.visitor_id
      HAVING ${before}::text IS NULL OR max(kinds.latest) < ${before}::text
      ORDER BY max(kinds.latest) DESC LIMIT ${pageSize + 1}`;
    const page = rows.slice(0, pageSize);
    return {
      visitors: page.map(({ visitorId, isDisabled, last, refusals }) => ({
        ...{ visitorId, isDisabled: isDisabled === true, last, refusals },
      })),
      next: rows.length > pageSize ? (page.at(-1)?.latest ?? null) : null,
    };
  } catch (error) {
    throw databaseError(error);
  }
}
