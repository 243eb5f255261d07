import { z } from "zod";
import { type AuditActor, recordAudit } from "@/lib/audit";
import { type Database, databaseError, isUniqueViolation } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { type BoardEffect, effectOfVotes, moveCounts } from "@/lib/leaderboard";
import { parseInput } from "@/lib/protocol";
import { restartEvidence } from "../anomaly/restart-evidence";

const inputSchema = z.strictObject({
  /** The act to take back, as `listExclusions` names it. */
  actId: z.uuid(),
  note: z.string().trim().min(1).max(2_000),
});
export type ReverseExclusionInput = z.input<typeof inputSchema>;

/**
 * Takes an act back: those of its votes that no other act leaves out count again, in the same transaction. A visitor whose
 * quarantine is taken back starts with no evidence against them. Errors: `not_found`, `already_reversed`,
 * `invalid_request`, `database_unavailable`.
 */
export async function reverseExclusion(
  db: Database,
  actor: AuditActor,
  input: ReverseExclusionInput,
): Promise<{ actId: string; moved: number }> {
  const { actId, note } = parseInput(inputSchema, input);
  try {
    const act = await db.exclusionAct.findUnique({
      where: { id: actId },
      select: { reason: true, evidence: true, exclusions: { select: { voteId: true } }, reversal: true },
    });
    if (act === null) throw new AppError("not_found", { message: "There is no such exclusion." });
    if (act.reversal !== null) throw new AppError("already_reversed");
    const voteIds = act.exclusions.map(({ voteId }) => voteId);
    const returning = await onlyBy(db, actId);
    const effect: BoardEffect = await effectOfVotes(db, returning, 1);
    const moves = await db.$transaction(
      async (tx) => {
        await recordAudit(tx, {
          ...{ actor, action: "votes.reinstate", targetKind: "exclusion", targetId: actId },
          details: { votes: voteIds.length, note },
        });
        const moved = await moveCounts(tx, voteIds, async () => {
          await tx.exclusionReversal.create({
            data: {
              ...{ actId, note, effect, votes: returning.length },
              ...{ actorKind: actor.kind, actorLabel: actor.label },
              actorId: actor.kind === "user" ? actor.id : null,
            },
          });
        });
        await restartEvidence(tx, act.evidence);
        return moved;
      },
      { maxWait: 30_000, timeout: 120_000 },
    );
    return { actId, moved: moves.length };
  } catch (error) {
    if (isUniqueViolation(error)) throw new AppError("already_reversed", { cause: error });
    throw databaseError(error);
  }
}

/** Votes that nothing but this act leaves out. */
async function onlyBy(db: Database, actId: string): Promise<string[]> {
  const rows = await db.$queryRaw<{ voteId: string }[]>`
    SELECT own.vote_id AS "voteId" FROM vote_exclusions AS own
    WHERE own.act_id = ${actId}::uuid AND NOT EXISTS (
      SELECT FROM vote_exclusions AS other
        LEFT JOIN exclusion_reversals AS reversal ON reversal.act_id = other.act_id
      WHERE other.vote_id = own.vote_id AND other.act_id <> own.act_id AND reversal.act_id IS NULL)`;
  return rows.map(({ voteId }) => voteId);
}
