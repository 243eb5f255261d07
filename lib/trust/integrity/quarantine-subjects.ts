import { v7 as uuidv7 } from "uuid";
import type { Database, Prisma } from "@/lib/db";
import { blindBoard, effectOfVotes } from "@/lib/leaderboard";
import type { SiteSettings } from "@/lib/settings";
import type { Campaign } from "../anomaly/campaigns";
import { describeEvidence, evidenceStateSchema, leastSubjectVotes } from "../anomaly/evidence";
import { flagSubjects } from "../anomaly/flag-subjects";
import { rulesVersion } from "../exclusions/rules-version";
import { maxActVotes, storeAct } from "../exclusions/store-act";
import type { Subject } from "../rules/judge-votes";
import { inSlices } from "./in-slices";
import { KnownSubjects } from "./known-subjects";
import { ruleActor } from "./sweep-votes";

/** Voters who have voted within so many days are compared with each other; networks are of one day anyway. */
const activeDays = { visitor: 30, network: 1 } as const satisfies Record<Subject, number>;

/** See `CampaignWatch`. */
export const campaignOptions = { alpha: 0.01, maxChanceHonest: 0.05 } as const;

export type Quarantined = {
  subjects: { subject: Subject; subjectId: string; votes: number }[];
  /** Models that are pushed by many, whether or not single ones can be named. */
  campaigns: Pick<Campaign, "modelId" | "logE" | "share">[];
  /** False: it was not the caller's turn any more, and the rest is for the next time. */
  isWhole: boolean;
};

export type Quarantine = {
  /**
   * Compares the evidence against all active voters and networks, and puts the votes of those who stand out in quarantine: acts
   * with all of their blind votes. Their later votes follow when they are judged. One caller at a time.
   *
   * @param mayGoOn asked between the parts of the work; false or a rejection ends it
   */
  run(integrity: SiteSettings["integrity"], mayGoOn: () => Promise<boolean>): Promise<Quarantined>;
};

type Who = { subject: Subject; subjectId: string };

/** Keeps what it has read, so that a later run reads what has changed. @param actVotes votes of one act */
export function createQuarantine(db: Database, actVotes = maxActVotes): Quarantine {
  const kinds = (["visitor", "network"] as const).map((subject) => ({
    subject,
    known: new KnownSubjects(db, subject, activeDays[subject]),
  }));

  async function put(
    who: Who,
    evidence: Prisma.InputJsonObject,
    mayGoOn: () => Promise<boolean>,
  ): Promise<{ votes: number; isWhole: boolean } | null> {
    const where = { subject_subjectId: who };
    const row = await db.voterEvidence.findUnique({ where, select: { state: true, quarantinedAt: true } });
    // Since it was read it was taken back, handed to an account, or found by another server.
    if (row === null || row.quarantinedAt !== null) return null;
    // Evidence of another version of the test describes nothing that this one could name.
    const state = evidenceStateSchema.safeParse(row.state);
    const leading = state.success ? describeEvidence(state.data) : null;
    for (let votes = 0; ; ) {
      const voteIds = await findVotes(db, who, actVotes);
      const isLast = voteIds.length < actVotes;
      const effect = voteIds.length === 0 ? {} : await effectOfVotes(db, voteIds, -1);
      await db.$transaction(
        async (tx) => {
          // With the last of its votes: what is broken off before is taken up again.
          if (isLast) await tx.voterEvidence.updateMany({ where: who, data: { quarantinedAt: new Date() } });
          if (voteIds.length === 0) return;
          await storeAct(tx, {
            ...{ id: uuidv7(), actor: ruleActor, ruleVersion: rulesVersion, effect },
            reason: reasonOf[who.subject],
            evidence: { ...who, ...evidence, leading },
            votes: voteIds.map((voteId) => ({ voteId, evidence: {} })),
          });
        },
        { maxWait: 30_000, timeout: 120_000 },
      );
      votes += voteIds.length;
      if (isLast) return { votes, isWhole: true };
      if (!(await mayGoOn())) return { votes, isWhole: false };
    }
  }

  return {
    async run(integrity, mayGoOn) {
      const found: Quarantined = { subjects: [], campaigns: [], isWhole: false };
      const models = (await db.model.findMany({ select: { id: true } })).map(({ id }) => id);
      for (const { subject, known } of kinds) {
        if (!(await known.refresh(mayGoOn))) return found;
        const { flagged, campaigns } = await inSlices(standOut(known, models, integrity.falseDiscoveryRate));
        found.campaigns.push(...campaigns);
        for (const [subjectId, evidence] of flagged) {
          if (known.byId.get(subjectId)?.isQuarantined !== false) continue;
          if (!(await mayGoOn())) return found;
          const done = await put({ subject, subjectId }, evidence, mayGoOn);
          if (done === null) known.forget(subjectId);
          else found.subjects.push({ subject, subjectId, votes: done.votes });
          if (done?.isWhole === false) return found;
          known.quarantined(subjectId);
        }
      }
      return { ...found, isWhole: true };
    },
  };
}

const reasonOf = { visitor: "anomalous_voter", network: "network_burst" } as const satisfies Record<
  Subject,
  string
>;

type StandOut = { flagged: Map<string, Prisma.InputJsonObject>; campaigns: Quarantined["campaigns"] };

/** Who stands out, with the reason. Yields whenever some time may have passed. */
function* standOut(
  { byId, watch }: KnownSubjects,
  models: readonly string[],
  alpha: number,
): Generator<void, StandOut> {
  const flagged = new Map<string, Prisma.InputJsonObject>();
  const seen = [...byId].flatMap(([key, { votes, logE }]) =>
    votes >= leastSubjectVotes ? [{ key, logE }] : [],
  );
  yield;
  for (const { key, logE } of flagSubjects(seen, alpha))
    flagged.set(key, { test: "e_bh", logE, alpha, among: seen.length });
  yield;
  const campaigns = yield* watch.find(models, campaignOptions);
  for (const { modelId, logE, share, members } of campaigns)
    for (const member of members)
      if (!flagged.has(member.key))
        flagged.set(member.key, {
          ...{ test: "campaign", modelId, campaignLogE: logE, share, among: byId.size },
          ...{ logE: member.logE, chanceHonest: member.chanceHonest },
        });
  return { flagged, campaigns: campaigns.map(({ modelId, logE, share }) => ({ modelId, logE, share })) };
}

/**
 * Blind votes of a voter, those from before a sign-in too, or of a network, that no quarantine leaves out yet; the oldest first.
 */
async function findVotes(db: Database, { subject, subjectId }: Who, size: number): Promise<string[]> {
  const reason = reasonOf[subject];
  const rows =
    subject === "visitor"
      ? await db.$queryRaw<{ id: string }[]>`
          SELECT votes.id FROM votes LEFT JOIN vote_categories AS facts ON facts.vote_id = votes.id
          WHERE visitor_id IN (
              SELECT id FROM visitors WHERE id = ${subjectId}::uuid OR merged_into_id = ${subjectId}::uuid
            ) AND COALESCE(board, ${blindBoard}) = ${blindBoard}
            AND NOT EXISTS (
              SELECT FROM excluded_votes WHERE excluded_votes.vote_id = votes.id AND ${reason} = ANY (reasons))
          ORDER BY votes.id LIMIT ${size}`
      : await db.$queryRaw<{ id: string }[]>`
          SELECT votes.id FROM vote_origins JOIN votes ON votes.id = vote_origins.vote_id
            LEFT JOIN vote_categories AS facts ON facts.vote_id = votes.id
          WHERE network = decode(${subjectId}, 'hex') AND COALESCE(board, ${blindBoard}) = ${blindBoard}
            AND NOT EXISTS (
              SELECT FROM excluded_votes WHERE excluded_votes.vote_id = votes.id AND ${reason} = ANY (reasons))
          ORDER BY votes.id LIMIT ${size}`;
  return rows.map(({ id }) => id);
}
