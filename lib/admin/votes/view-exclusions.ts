import { type Database, databaseError } from "@/lib/db";
import { blindBoard } from "@/lib/leaderboard";
import type { AdminExclusions } from "@/lib/protocol";
import { type ExclusionQuery, listExclusions } from "@/lib/trust";

const pageSize = 25;
/** Moves that a line tells of. */
const shownMoves = 3;

/** Decisions that votes do not count, with what each did to the blind board. Errors: those of `listExclusions`. */
export async function viewExclusions(
  db: Database,
  query: Pick<ExclusionQuery, "before" | "state"> = {},
): Promise<AdminExclusions> {
  const found = await listExclusions(db, { ...query, limit: pageSize + 1 });
  const page = found.slice(0, pageSize);
  const names = await namesOf(
    db,
    page.flatMap(({ effect }) => effect.map(({ modelId }) => modelId)),
  );
  return {
    exclusions: page.map(({ actId, at, reason, by, note, votes, effect, reversal }) => ({
      ...{ actId, at, reason, by: by.label, note, votes },
      effect: effect
        .filter(({ board }) => board === blindBoard)
        .flatMap(({ modelId, before, after }) =>
          before === null || after === null
            ? []
            : [{ model: names.get(modelId) ?? modelId, points: after - before }],
        )
        .sort((a, b) => Math.abs(b.points) - Math.abs(a.points))
        .slice(0, shownMoves),
      reversal: reversal === null ? null : { at: reversal.at, by: reversal.by, note: reversal.note },
    })),
    next: found.length > pageSize ? (page.at(-1)?.actId ?? null) : null,
  };
}

async function namesOf(db: Database, ids: readonly string[]): Promise<Map<string, string>> {
  try {
    const rows = await db.model.findMany({
      where: { id: { in: [...new Set(ids)] } },
      select: { id: true, displayName: true },
    });
    return new Map(rows.map(({ id, displayName }) => [id, displayName]));
  } catch (error) {
    throw databaseError(error);
  }
}
