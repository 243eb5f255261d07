import { v7 as uuidv7 } from "uuid";
import type { Database, Prisma } from "@/lib/db";
import { blindBoard, effectOfVotes } from "@/lib/leaderboard";
import type { SiteSettings } from "@/lib/settings";
import { type Campaign, findCampaigns } from "../anomaly/campaigns";
import { describeEvidence, evidenceStateSchema, leastSubjectVotes } from "../anomaly/evidence";
import { flagSubjects } from "../anomaly/flag-subjects";
import { rulesVersion } from "../exclusions/rules-version";
import { maxActVotes, storeAct } from "../exclusions/store-act";
import type { Subject } from "../rules/judge-votes";
import { ruleActor } from "./sweep-votes";

/** Voters who have voted within so many days are compared with each other; networks are of one day anyway. */
const activeDays = { visitor: 30, network: 1 } as const satisfies Record<Subject, number>;

/** See `findCampaigns`. */
export const campaignOptions = { alpha: 0.01, maxChanceHonest: 0.05 } as const;

export type Quarantined = {
  subjects: { subject: Subject; subjectId: string; votes: number }[];
  /** Models that are pushed by many, whether or not single ones can be named. */
  campaigns: Pick<Campaign, "modelId" | "logE" | "share">[];
};

type Row = {
  subjectId: string;
  votes: number;
  logE: number;
  favours: Record<string, number>;
  isQuarantined: boolean;
};

/**
 * Compares the evidence against all active voters and networks, and puts the votes of those who stand out in quarantine: an
 * act for each, with all of their blind votes. Their later votes follow when they are judged. One caller at a time.
 */
export async function quarantineSubjects(
  db: Database,
  integrity: SiteSettings["integrity"],
): Promise<Quarantined> {
  const found: Quarantined = { subjects: [], campaigns: [] };
  const models = (await db.model.findMany({ select: { id: true } })).map(({ id }) => id);
  for (const subject of ["visitor", "network"] as const) {
    const rows = await db.$queryRaw<Row[]>`
      SELECT subject_id AS "subjectId", votes, log_e AS "logE", favours, quarantined_at IS NOT NULL AS "isQuarantined"
      FROM voter_evidence
      WHERE subject = ${subject}::evidence_subject AND votes > 0
        AND updated_at > now() - make_interval(days => ${activeDays[subject]}::int)`;
    const byId = new Map(rows.map((row) => [row.subjectId, row]));
    const flagged = new Map<string, Prisma.InputJsonObject>();
    const seen = rows
      .filter(({ votes }) => votes >= leastSubjectVotes)
      .map(({ subjectId, logE }) => ({ key: subjectId, logE }));
    for (const { key, logE } of flagSubjects(seen, integrity.falseDiscoveryRate))
      flagged.set(key, { test: "e_bh", logE, alpha: integrity.falseDiscoveryRate, among: seen.length });
    const favours = rows.map((row) => ({
      key: row.subjectId,
      byModel: new Map(Object.entries(row.favours)),
    }));
    for (const { modelId, logE, share, members } of findCampaigns(favours, models, campaignOptions)) {
      found.campaigns.push({ modelId, logE, share });
      for (const member of members)
        if (!flagged.has(member.key))
          flagged.set(member.key, {
            ...{ test: "campaign", modelId, campaignLogE: logE, share, among: rows.length },
            ...{ logE: member.logE, chanceHonest: member.chanceHonest },
          });
    }
    for (const [subjectId, evidence] of flagged) {
      if (byId.get(subjectId)?.isQuarantined !== false) continue;
      const votes = await quarantine(db, { subject, subjectId }, evidence);
      found.subjects.push({ subject, subjectId, votes });
    }
  }
  return found;
}

async function quarantine(
  db: Database,
  who: { subject: Subject; subjectId: string },
  evidence: Prisma.InputJsonObject,
): Promise<number> {
  const voteIds = await findVotes(db, who);
  const where = { subject_subjectId: who };
  const { state } = await db.voterEvidence.findUniqueOrThrow({ where, select: { state: true } });
  const leading = describeEvidence(evidenceStateSchema.parse(state));
  const effect = await effectOfVotes(db, voteIds, -1);
  await db.$transaction(
    async (tx) => {
      await tx.voterEvidence.update({ where, data: { quarantinedAt: new Date() } });
      if (voteIds.length === 0) return;
      await storeAct(tx, {
        ...{ id: uuidv7(), actor: ruleActor, ruleVersion: rulesVersion, effect },
        reason: who.subject === "visitor" ? "anomalous_voter" : "network_burst",
        evidence: { ...who, ...evidence, leading },
        votes: voteIds.map((voteId) => ({ voteId, evidence: {} })),
      });
    },
    { maxWait: 30_000, timeout: 120_000 },
  );
  return voteIds.length;
}

async function findVotes(
  db: Database,
  { subject, subjectId }: { subject: Subject; subjectId: string },
): Promise<string[]> {
  const rows =
    subject === "visitor"
      ? await db.$queryRaw<{ id: string }[]>`
          SELECT votes.id FROM votes LEFT JOIN vote_categories AS facts ON facts.vote_id = votes.id
          WHERE visitor_id = ${subjectId}::uuid AND COALESCE(board, ${blindBoard}) = ${blindBoard}
          ORDER BY votes.id LIMIT ${maxActVotes}`
      : await db.$queryRaw<{ id: string }[]>`
          SELECT votes.id FROM vote_origins JOIN votes ON votes.id = vote_origins.vote_id
            LEFT JOIN vote_categories AS facts ON facts.vote_id = votes.id
          WHERE network = decode(${subjectId}, 'hex') AND COALESCE(board, ${blindBoard}) = ${blindBoard}
          ORDER BY votes.id LIMIT ${maxActVotes}`;
  return rows.map(({ id }) => id);
}
