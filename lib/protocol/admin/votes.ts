import { z } from "zod";
import { exclusionReasonSchema } from "../integrity";

/**
 * Votes and exclusions in the operator's console.
 *
 *   GET  /api/admin/votes?before=&visitor=          → adminVotesSchema
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

export const adminExclusionsSchema = z.object({
  exclusions: z.array(
    z.object({
      actId: z.uuid(),
      at: z.coerce.date(),
      reason: exclusionReasonSchema,
      by: z.string(),
      note: z.string(),
      votes: z.number().int(),
      /** The largest moves of the blind board, points. */
      effect: z.array(z.object({ model: z.string(), points: z.number() })),
      reversal: z.object({ at: z.coerce.date(), by: z.string(), note: z.string() }).nullable(),
    }),
  ),
  next: z.uuid().nullable(),
});
export type AdminExclusions = z.infer<typeof adminExclusionsSchema>;
