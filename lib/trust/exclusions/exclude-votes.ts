import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { type AuditActor, recordAudit } from "@/lib/audit";
import { type Database, databaseError, type Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { effectOfVotes } from "@/lib/leaderboard";
import { parseInput } from "@/lib/protocol";
import { maxActVotes, storeAct } from "./store-act";

const inputSchema = z.union([
  z.strictObject({
    /** The votes; at most 10,000. */
    voteIds: z.array(z.uuid()).min(1).max(maxActVotes),
    note: z.string().trim().min(1).max(2_000),
  }),
  z.strictObject({
    /** Every vote of this visitor. */
    visitorId: z.uuid(),
    note: z.string().trim().min(1).max(2_000),
  }),
]);
export type ExcludeVotesInput = z.input<typeof inputSchema>;

export type ExcludedVotes = {
  actId: string;
  /** Votes of the act. */
  votes: number;
  /** Of them, votes that counted until now. */
  moved: number;
};

/**
 * A person's decision that votes do not count (reason `moderation`). The counts follow in the same transaction; the boards
 * are fitted again when they are next read. A note that says why is needed; it is not public. Errors: `invalid_request`,
 * also for votes of which one does not exist; `not_found` for a visitor without votes; `database_unavailable`.
 */
export async function excludeVotes(
  db: Database,
  actor: AuditActor,
  input: ExcludeVotesInput,
): Promise<ExcludedVotes> {
  const request = parseInput(inputSchema, input);
  try {
    const voteIds = await findVotes(db, request);
    const actId = uuidv7();
    const effect = await effectOfVotes(db, voteIds, -1);
    const evidence: Prisma.InputJsonObject = "visitorId" in request ? { visitorId: request.visitorId } : {};
    const moves = await db.$transaction(
      async (tx) => {
        await recordAudit(tx, {
          ...{ actor, action: "votes.exclude", targetKind: "exclusion", targetId: actId },
          details: { votes: voteIds.length, note: request.note, ...evidence },
        });
        return storeAct(tx, {
          ...{ id: actId, actor, reason: "moderation", ruleVersion: null, note: request.note },
          ...{ evidence, effect, votes: voteIds.map((voteId) => ({ voteId, evidence: {} })) },
        });
      },
      { maxWait: 30_000, timeout: 120_000 },
    );
    return { actId, votes: voteIds.length, moved: moves.length };
  } catch (error) {
    throw databaseError(error);
  }
}

async function findVotes(db: Database, request: z.output<typeof inputSchema>): Promise<string[]> {
  if ("visitorId" in request) {
    const { visitorId } = request;
    const found = await db.vote.findMany({ where: { visitorId }, select: { id: true }, take: maxActVotes });
    if (found.length === 0) throw new AppError("not_found", { message: "This visitor has no votes." });
    return found.map(({ id }) => id);
  }
  const ids = [...new Set(request.voteIds)];
  const found = await db.vote.findMany({ where: { id: { in: ids } }, select: { id: true } });
  if (found.length !== ids.length)
    throw new AppError("invalid_request", { param: "voteIds", message: "One of the votes does not exist." });
  return ids;
}
