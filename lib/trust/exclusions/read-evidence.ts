import { z } from "zod";
import { anomalyKindSchema, type ExclusionReason, type VoteEvidence } from "@/lib/protocol";

/**
 * What decisions rest on, as the rules store it (judge-votes, quarantine-subjects, exclude-votes), read for whoever has to
 * judge a decision. A shape that this version does not know is kept as its JSON: an operator sees it rather than nothing.
 */

const speedSchema = z.object({
  ...{ characters: z.number(), sinceBegin: z.number(), sinceEnd: z.number() },
  ...{ minAfterMs: z.number(), maxCharactersPerSecond: z.number() },
});
const leakSchema = z.object({
  ...{ turn: z.number(), side: z.enum(["a", "b"]), match: z.string(), at: z.number() },
  kind: z.enum(["self_identification", "mention"]),
});
const duplicateSchema = z.object({
  ...{ votesBefore: z.number(), ownVotesBefore: z.number(), perVisitor: z.number(), overall: z.number() },
});

type Unread = { kind: "unread"; json: string };
const unread = (stored: unknown): Unread => ({ kind: "unread", json: JSON.stringify(stored) });
const isEmpty = (stored: unknown): boolean =>
  typeof stored === "object" && stored !== null && Object.keys(stored).length === 0;

export function readVoteEvidence(reason: ExclusionReason, stored: unknown): VoteEvidence {
  if (isEmpty(stored)) return { kind: "none" };
  switch (reason) {
    case "too_fast": {
      const found = speedSchema.safeParse(stored);
      return found.success ? { kind: reason, ...found.data } : unread(stored);
    }
    case "identity_leak": {
      const found = leakSchema.safeParse(stored);
      if (!found.success) return unread(stored);
      const { kind: how, ...leak } = found.data;
      return { kind: reason, how, ...leak };
    }
    case "duplicate_prompt": {
      const found = duplicateSchema.safeParse(stored);
      return found.success ? { kind: reason, ...found.data } : unread(stored);
    }
    default:
      return unread(stored);
  }
}

const subjectShape = { subject: z.enum(["visitor", "network"]), subjectId: z.string() };
const measuredShape = {
  ...subjectShape,
  /** ln of the e-value. */
  logE: z.number(),
  /** Subjects that were compared. */
  among: z.number(),
  leading: z.object({ kind: anomalyKindSchema, modelId: z.string().nullable() }).nullable(),
};
const anomalySchema = z
  .object({ ...measuredShape, test: z.literal("e_bh"), alpha: z.number() })
  .transform(({ test: _, ...found }) => ({ kind: "anomaly" as const, ...found }));
const campaignSchema = z
  .object({
    ...{ ...measuredShape, test: z.literal("campaign"), modelId: z.string(), campaignLogE: z.number() },
    ...{ share: z.number(), chanceHonest: z.number() },
  })
  .transform(({ test: _, ...found }) => ({ kind: "campaign" as const, ...found }));
const quarantinedSchema = z
  .strictObject(subjectShape)
  .transform((found) => ({ kind: "quarantined" as const, ...found }));
const visitorSchema = z
  .strictObject({ visitorId: z.string() })
  .transform((found) => ({ kind: "visitor" as const, ...found }));

/** Of an act as a whole, as lib/protocol/admin/votes.ts has it, but with ids of models. `none`: it stands with the votes, or in the note. */
export type ActEvidence =
  | z.output<typeof anomalySchema>
  | z.output<typeof campaignSchema>
  | z.output<typeof quarantinedSchema>
  | z.output<typeof visitorSchema>
  | { kind: "none" }
  | Unread;

export function readActEvidence(stored: unknown): ActEvidence {
  if (isEmpty(stored)) return { kind: "none" };
  for (const schema of [anomalySchema, campaignSchema, quarantinedSchema, visitorSchema]) {
    const found = schema.safeParse(stored);
    if (found.success) return found.data;
  }
  return unread(stored);
}
