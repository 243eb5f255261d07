import { z } from "zod";
import { type Database, databaseError } from "@/lib/db";
import { type AdminVotes, parseInput } from "@/lib/protocol";
import { votesOf } from "@/lib/trust";

const querySchema = z.object({
  before: z.uuid().optional(),
  visitor: z.uuid().optional(),
  /** Votes that this exclusion leaves out. */
  act: z.uuid().optional(),
});
const pageSize = 50;

/**
 * Votes of this site's battles, newest first, excluded ones too; of an account also those from before its sign-ins. Errors:
 * `invalid_request`, `database_unavailable`.
 */
export async function listVotes(db: Database, query: z.input<typeof querySchema> = {}): Promise<AdminVotes> {
  const { before, visitor, act } = parseInput(querySchema, query);
  try {
    const rows = await db.vote.findMany({
      where: {
        ...(visitor === undefined ? {} : votesOf(visitor)),
        id: { lt: before },
        exclusions: act === undefined ? undefined : { some: { actId: act } },
      },
      orderBy: { id: "desc" },
      take: pageSize + 1,
      include: { battle: { select: { kind: true, modelA: true, modelB: true } } },
    });
    const page = rows.slice(0, pageSize);
    const ids = page.map(({ id }) => id);
    const excluded = await db.$queryRaw<{ id: string }[]>`
      SELECT vote_id AS id FROM excluded_votes WHERE vote_id = ANY(${ids}::uuid[])`;
    const isExcluded = new Set(excluded.map(({ id }) => id));
    return {
      votes: page.map(({ id, createdAt, visitorId, outcome, battle }) => ({
        ...{ id, at: createdAt, visitorId, outcome },
        board: battle.kind,
        modelA: battle.modelA.displayName,
        modelB: battle.modelB.displayName,
        isExcluded: isExcluded.has(id),
      })),
      next: rows.length > pageSize ? (ids.at(-1) ?? null) : null,
    };
  } catch (error) {
    throw databaseError(error);
  }
}
