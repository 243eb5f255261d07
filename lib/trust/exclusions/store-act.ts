import type { AuditActor } from "@/lib/audit";
import type { Prisma } from "@/lib/db";
import { type BoardEffect, type CountMove, moveCounts } from "@/lib/leaderboard";
import type { ExclusionReason } from "@/lib/protocol";
import { storableJson } from "./storable-json";

/** Votes of one act: what one transaction may lock. */
export const maxActVotes = 10_000;

export type NewAct = {
  /** UUIDv7. */
  id: string;
  actor: AuditActor;
  reason: ExclusionReason;
  /** Null: a person decided. */
  ruleVersion: number | null;
  note?: string;
  evidence: Prisma.InputJsonObject;
  /** As `effectOfVotes` gives it. */
  effect: BoardEffect;
  votes: readonly { voteId: string; evidence: Prisma.InputJsonObject }[];
};

/** Writes an act with its votes and moves the counts, in the caller's transaction. Returns what changed. */
export async function storeAct(tx: Prisma.TransactionClient, act: NewAct): Promise<CountMove[]> {
  const { id, actor, reason, ruleVersion, note = "", evidence, effect, votes } = act;
  return moveCounts(
    tx,
    votes.map(({ voteId }) => voteId),
    async () => {
      await tx.exclusionAct.create({
        data: {
          ...{ id, reason, ruleVersion, note, effect, votes: votes.length },
          evidence: storableJson(evidence),
          ...{ actorKind: actor.kind, actorLabel: actor.label },
          actorId: actor.kind === "user" ? actor.id : null,
        },
      });
      await tx.voteExclusion.createMany({
        data: votes.map((vote) => ({
          ...{ actId: id, voteId: vote.voteId, reason },
          evidence: storableJson(vote.evidence),
        })),
      });
    },
  );
}
