import { v7 as uuidv7 } from "uuid";
import type { Database, Prisma } from "@/lib/db";
import { effectOfVotes } from "@/lib/leaderboard";
import type { SiteSettings } from "@/lib/settings";
import { favoursOf, logEvidence, votesSeen } from "../anomaly/evidence";
import { rulesVersion } from "../exclusions/rules-version";
import { type NewAct, storeAct } from "../exclusions/store-act";
import { judgeVotes, type SubjectRecord, type Verdict } from "../rules/judge-votes";
import { type Batch, readBatch } from "./read-batch";

/** Votes judged at a time: one transaction, which votes on the same models wait for. */
const batchSize = 100;

/** Who decides when nobody does. */
export const ruleActor = { kind: "system", label: "integrity rules" } as const;

export type SweepDeps = {
  db: Database;
  integrity: () => SiteSettings["integrity"];
  /** Keys the hashes of prompts. */
  promptKey: Buffer;
};

/**
 * Judges the next votes that wait, and stores what was decided, what is known of their voters, and that they were judged, in
 * one transaction. One caller at a time (see `createIntegrityKeeper`). Returns the number of votes; 0: none waits.
 */
export async function sweepVotes({ db, integrity, promptKey }: SweepDeps, settleMs: number): Promise<number> {
  const rules = integrity();
  const batch = await db.$transaction(
    (tx) => readBatch(tx, { size: batchSize, settleMs, promptKey, promptHours: rules.samePromptHours }),
    { isolationLevel: "RepeatableRead", maxWait: 30_000, timeout: 60_000 },
  );
  if (batch === null) return 0;
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
  return batch.votes.length;
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
