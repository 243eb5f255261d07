import { type Database, databaseError } from "@/lib/db";
import { blindBoard } from "@/lib/leaderboard";
import type { AdminActEvidence, AdminExclusions } from "@/lib/protocol";
import { type ActEvidence, type ExclusionLine, type ExclusionQuery, listExclusions } from "@/lib/trust";

const pageSize = 25;
/** Moves that a line tells of. */
const shownMoves = 3;

/**
 * Decisions that votes do not count: what each rests on, its first votes, and what it did to the blind board. What a person
 * needs to take one back with open eyes. Errors: those of `listExclusions`.
 */
export async function viewExclusions(
  db: Database,
  query: Pick<ExclusionQuery, "before" | "state" | "actId"> = {},
): Promise<AdminExclusions> {
  const found = await listExclusions(db, { ...query, limit: pageSize + 1 });
  const page = found.slice(0, pageSize);
  const names = await namesOf(db, page.flatMap(modelsOf));
  const nameOf = (id: string) => names.get(id) ?? id;
  return {
    exclusions: page.map(
      ({ actId, at, reason, by, note, evidence, votes, firstVotes, effect, reversal }) => ({
        ...{ actId, at, reason, by: by.label, ruleVersion: by.ruleVersion, note, votes, firstVotes },
        evidence: withNames(evidence, nameOf),
        effect: effect
          .filter(({ board }) => board === blindBoard)
          .flatMap(({ modelId, before, after }) =>
            before === null || after === null ? [] : [{ model: nameOf(modelId), points: after - before }],
          )
          .sort((a, b) => Math.abs(b.points) - Math.abs(a.points))
          .slice(0, shownMoves),
        reversal: reversal === null ? null : { at: reversal.at, by: reversal.by, note: reversal.note },
      }),
    ),
    next: found.length > pageSize ? (page.at(-1)?.actId ?? null) : null,
  };
}

/** Ids of the models that a line names. */
function modelsOf({ effect, evidence }: ExclusionLine): string[] {
  const moved = effect.map(({ modelId }) => modelId);
  const leading = "leading" in evidence ? (evidence.leading?.modelId ?? []) : [];
  return [...moved, leading, evidence.kind === "campaign" ? evidence.modelId : []].flat();
}

function withNames(evidence: ActEvidence, nameOf: (id: string) => string): AdminActEvidence {
  if (evidence.kind !== "anomaly" && evidence.kind !== "campaign") return evidence;
  const { leading } = evidence;
  const named =
    leading === null
      ? null
      : { kind: leading.kind, model: leading.modelId === null ? null : nameOf(leading.modelId) };
  if (evidence.kind === "anomaly") return { ...evidence, leading: named };
  const { modelId, ...rest } = evidence;
  return { ...rest, model: nameOf(modelId), leading: named };
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
