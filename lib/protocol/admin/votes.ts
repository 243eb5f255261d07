import { z } from "zod";
import { exclusionReasonSchema } from "../integrity";

/**
 * Votes and exclusions in the operator's console.
 *
 *   GET  /api/admin/votes?before=&visitor=&act=     → adminVotesSchema; act: the votes that this exclusion leaves out
 *   POST /api/admin/votes/exclude                   excludeRequestSchema → 204
 *   GET  /api/admin/exclusions?before=&state=       → adminExclusionsSchema
 *   POST /api/admin/exclusions/:actId/reverse       reverseRequestSchema → 204
 */

export const adminVotesSchema = z.object({
  votes: z.array(
    z.object({
      id: z.uuid(),
      at: z.coerce.date(),
      visitorId: z.uuid(),
      board: z.enum(["blind", "compare"]),
      modelA: z.string(),
      modelB: z.string(),
      outcome: z.enum(["a", "b", "tie", "both_bad"]),
      isExcluded: z.boolean(),
    }),
  ),
  next: z.uuid().nullable(),
});
export type AdminVotes = z.infer<typeof adminVotesSchema>;

const noteSchema = z.string().trim().min(1).max(2_000);

/** One vote, or all of a visitor's. */
export const excludeRequestSchema = z.union([
  z.strictObject({ voteId: z.uuid(), note: noteSchema }),
  z.strictObject({ visitorId: z.uuid(), note: noteSchema }),
]);
export type ExcludeRequest = z.input<typeof excludeRequestSchema>;
export const reverseRequestSchema = z.strictObject({ note: noteSchema });

const unreadSchema = z.object({ kind: z.literal("unread"), json: z.string() });

/** What speaks against one vote. `none`: all that is known stands with the act; `unread`: of another version, as it is. */
export const voteEvidenceSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("too_fast"),
    /** Of the answers of the last turn. */
    characters: z.number(),
    /** From their beginning, and from their end, to the vote; milliseconds. */
    sinceBegin: z.number(),
    sinceEnd: z.number(),
    /** The rule of that time. */
    minAfterMs: z.number(),
    maxCharactersPerSecond: z.number(),
  }),
  z.object({
    kind: z.literal("identity_leak"),
    how: z.enum(["self_identification", "mention"]),
    side: z.enum(["a", "b"]),
    /** From 0. */
    turn: z.number(),
    /** The words, and where they begin in the answer. */
    match: z.string(),
    at: z.number(),
  }),
  z.object({
    kind: z.literal("duplicate_prompt"),
    /** Votes on equal prompts before this one, of all and of its visitor. */
    votesBefore: z.number(),
    ownVotesBefore: z.number(),
    /** How many may count. */
    overall: z.number(),
    perVisitor: z.number(),
  }),
  z.object({ kind: z.literal("none") }),
  unreadSchema,
]);
export type VoteEvidence = z.infer<typeof voteEvidenceSchema>;

/** The way of voting that the votes of a subject are most like. `favours`: one model always wins. */
export const anomalyKindSchema = z.enum([
  "uniform",
  "contrarian",
  "all_ties",
  "one_side_a",
  "one_side_b",
  "favours",
]);

const subjectShape = {
  subject: z.enum(["visitor", "network"]),
  /** Of a network: the day's hash. */
  subjectId: z.string(),
};
const measuredShape = {
  ...subjectShape,
  /** ln of the e-value: so many times better than the likeliest honest way of voting do the votes fit one that is none. */
  logE: z.number(),
  /** Subjects that were compared. */
  among: z.number(),
  leading: z.object({ kind: anomalyKindSchema, model: z.string().nullable() }).nullable(),
};

/** What a decision rests on as a whole; models by their displayed names. */
export const actEvidenceSchema = z.discriminatedUnion("kind", [
  /** Stood out among all. `alpha`: the share of such decisions that may be wrong. */
  z.object({ kind: z.literal("anomaly"), ...measuredShape, alpha: z.number() }),
  /** One of many that push a model; `campaignLogE` and `share` of them all. */
  z.object({
    kind: z.literal("campaign"),
    ...measuredShape,
    model: z.string(),
    campaignLogE: z.number(),
    share: z.number(),
    chanceHonest: z.number(),
  }),
  /** Later votes of a subject that was in quarantine. */
  z.object({ kind: z.literal("quarantined"), ...subjectShape }),
  /** A person decided on every vote of a visitor. */
  z.object({ kind: z.literal("visitor"), visitorId: z.string() }),
  z.object({ kind: z.literal("none") }),
  unreadSchema,
]);
export type AdminActEvidence = z.infer<typeof actEvidenceSchema>;

export const adminExclusionsSchema = z.object({
  exclusions: z.array(
    z.object({
      actId: z.uuid(),
      at: z.coerce.date(),
      reason: exclusionReasonSchema,
      by: z.string(),
      /** Of the rule that decided; null: a person did. */
      ruleVersion: z.number().int().nullable(),
      note: z.string(),
      evidence: actEvidenceSchema,
      votes: z.number().int(),
      /** The first of them, at most 20. */
      firstVotes: z.array(
        z.object({
          voteId: z.uuid(),
          battleId: z.uuid(),
          visitorId: z.uuid(),
          at: z.coerce.date(),
          modelA: z.string(),
          modelB: z.string(),
          outcome: z.enum(["a", "b", "tie", "both_bad"]),
          evidence: voteEvidenceSchema,
        }),
      ),
      /** The largest moves of the blind board, points. */
      effect: z.array(z.object({ model: z.string(), points: z.number() })),
      reversal: z.object({ at: z.coerce.date(), by: z.string(), note: z.string() }).nullable(),
    }),
  ),
  next: z.uuid().nullable(),
});
export type AdminExclusions = z.infer<typeof adminExclusionsSchema>;
