import { v7 as uuidv7 } from "uuid";
import type { Database, Prisma } from "@/lib/db";
import { effectOfVotes } from "@/lib/leaderboard";
import type { SiteSettings } from "@/lib/settings";
import { favoursOf, logEvidence, votesSeen } from "../anomaly/evidence";
import { rulesVersion } from "../exclusions/rules-version";
import { type NewAct, storeAct } from "../exclusions/store-act";
import { judgeVotes, type SubjectRecord, type Verdict } from "../rules/judge-votes";
import { type Batch, readBatch } from "./read-batch";

/** Who decides when nobody does. */
export const ruleActor = { kind: "system", label: "integrity rules" } as const;

export type SweepDeps = {
  db: Database;
  integrity: () => SiteSettings["integrity"];
  /** Keys the hashes of prompts. */
  promptKey: Buffer;
};

/**
 * Judges these votes, and stores what was decided, what is known of their voters, and that they were judged, in one transaction.
 * One caller at a time (see `createIntegrityKeeper`).
 */
export async function sweepVotes(
  { db, integrity, promptKey }: SweepDeps,
  voteIds: readonly string[],
): Promise<void> {
  const rules = integrity();
  const batch = await db.$transaction(
    (tx) => readBatch(tx, { voteIds, promptKey, promptHours: rules.samePromptHours }),
    { isolationLevel: "RepeatableRead", maxWait: 30_000, timeout: 60_000 },
  );
  const { verdicts, subjects } = judgeVotes(batch.votes, batch.known, {
    speed: { minAfterMs: rules.minVoteMs, maxCharactersPerSecond: rules.maxCharactersPerSecond },
    duplicates: { perVisitor: rules.samePromptPerVisitor, overall: rules.samePromptOverall },
  });
  const acts = await toActs(db, verdicts);
  await db.$transaction(
    async (tx) => {
      for (const act of acts) await storeAct(tx, act);
      await storeSubjects(tx, subjects);
      await storeChecks(tx, batch);
    },
    { maxWait: 30_000, timeout: 120_000 },
  );
}

/** One act for each reason, or for each subject in quarantine: what belongs together is taken back together. */
async function toActs(db: Database, verdicts: readonly Verdict[]): Promise<NewAct[]> {
  const groups = new Map<string, Verdict[]>();
  for (const verdict of verdicts) {
    const key = `${verdict.reason} ${verdict.quarantine?.subjectId ?? ""}`;
    groups.set(key, [...(groups.get(key) ?? []), verdict]);
  }
  const acts: NewAct[] = [];
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined) continue;
    const voteIds = group.map(({ voteId }) => voteId);
    acts.push({
      ...{ id: uuidv7(), actor: ruleActor, reason: first.reason, ruleVersion: rulesVersion },
      evidence: { ...first.quarantine },
      effect: await effectOfVotes(db, voteIds, -1),
      votes: group.map(({ voteId, evidence }) => ({ voteId, evidence: evidence as Prisma.InputJsonObject })),
    });
  }
  return acts;
}

async function storeSubjects(
  tx: Prisma.TransactionClient,
  subjects: ReadonlyMap<string, SubjectRecord>,
): Promise<void> {
  const rows = [...subjects].map(([key, { state }]) => {
    const at = key.indexOf(":");
    return {
      ...{ subject: key.slice(0, at), subjectId: key.slice(at + 1), state },
      ...{ votes: votesSeen(state), logE: logEvidence(state) },
      favours: Object.fromEntries(
        [...favoursOf(state)].map(([id, logE]) => [id, Math.round(logE * 100) / 100]),
      ),
    };
  });
  await tx.$executeRaw`
    INSERT INTO voter_evidence (subject, subject_id, state, votes, log_e, favours)
    SELECT subject::evidence_subject, "subjectId", state, votes, "logE", favours
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS rows (subject text, "subjectId" text, state jsonb, votes int, "logE" float8, favours jsonb)
    -- Who has signed in since the votes were read is an account by now, which has their evidence (lib/accounts/visitors).
    WHERE subject <> 'visitor' OR NOT EXISTS (
      SELECT FROM visitors WHERE id = CASE subject WHEN 'visitor' THEN "subjectId"::uuid END AND merged_into_id IS NOT NULL)
    ON CONFLICT (subject, subject_id) DO UPDATE SET state = excluded.state, votes = excluded.votes,
      log_e = excluded.log_e, favours = excluded.favours, updated_at = now()`;
}

async function storeChecks(tx: Prisma.TransactionClient, { votes }: Batch): Promise<void> {
  await tx.voteCheck.createMany({
    data: votes.map(({ id, promptHash, votedAt }) => ({
      ...{ voteId: id, rulesVersion, votedAt },
      promptHash: promptHash === null ? null : Buffer.from(promptHash, "hex"),
    })),
    skipDuplicates: true,
  });
  await tx.voteCheckQueue.deleteMany({ where: { voteId: { in: votes.map(({ id }) => id) } } });
}
