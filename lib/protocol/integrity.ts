import { z } from "zod";

/**
 * Votes that do not count, in aggregate, for everybody.
 *
 *   GET /api/exclusions → exclusionSummary
 */

/**
 * Why a vote does not count.
 *
 * - `too_fast`: cast faster than a person can have read the answers
 * - `identity_leak`: an answer said which model it is, so the battle was not blind
 * - `duplicate_prompt`: the same prompt had been voted on too often already
 * - `anomalous_voter`: the votes of this visitor are no opinions on answers
 * - `network_burst`: the votes of one network on one day are no opinions on answers
 * - `moderation`: a person decided
 */
export const exclusionReasonSchema = z.enum([
  "too_fast",
  "identity_leak",
  "duplicate_prompt",
  "anomalous_voter",
  "network_burst",
  "moderation",
]);
export type ExclusionReason = z.infer<typeof exclusionReasonSchema>;

export const exclusionSummarySchema = z.strictObject({
  rulesVersion: z.number().int(),
  /** All votes cast on this site, and those of them that do not count now. */
  votes: z.number().int(),
  excluded: z.number().int(),
  /** A vote may be left out for several reasons. */
  reasons: z.array(
    z.strictObject({
      reason: exclusionReasonSchema,
      votes: z.number().int(),
      /** Decisions, and how many of them were taken back. */
      acts: z.number().int(),
      reversed: z.number().int(),
      latest: z.iso.datetime(),
    }),
  ),
  /** How many days `moves` looks back. */
  days: z.number().int(),
  /** Points by which the decisions in force moved each model on the blind board, each measured when it was made. */
  moves: z.array(
    z.strictObject({
      model: z.string(),
      displayName: z.string(),
      points: z.number(),
      acts: z.number().int(),
    }),
  ),
});
export type ExclusionSummary = z.infer<typeof exclusionSummarySchema>;

/**
 * In `details.challenge` of the error `challenge_required` (428): the same request is taken with the header
 * `x-arena-challenge: <challenge>:<answer>`, once, where SHA-256 of that text begins with `bits` zero bits.
 */
export const challengeSchema = z.strictObject({
  challenge: z.string().regex(/^[\w.-]{1,200}$/),
  bits: z.number().int().min(1).max(24),
  expiresAt: z.iso.datetime(),
});
export type Challenge = z.infer<typeof challengeSchema>;
export const challengeHeader = "x-arena-challenge";

/** What a limit counts. */
export const limitedActionSchema = z.enum([
  "battles",
  "prompts",
  "votes",
  /** Answers that a reader wants to have looked at. */
  "flags",
  /** Pages and texts that are to be published, whether or not they may be. */
  "publications",
  "tokens",
]);
export type LimitedAction = z.infer<typeof limitedActionSchema>;

/** `details` of the error `rate_limited` (429): which limit, of whom, and when it passes again. */
export const rateLimitDetailsSchema = z.object({
  retryAfterSeconds: z.number().int().min(1),
  limit: limitedActionSchema,
  scope: z.enum(["visitor", "account", "network"]),
  /** What may go through within the window. */
  max: z.number().int(),
  windowSeconds: z.number().int(),
});
export type RateLimitDetails = z.infer<typeof rateLimitDetailsSchema>;
