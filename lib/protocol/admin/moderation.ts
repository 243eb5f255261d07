import { z } from "zod";
import { moderationSurfaces } from "../moderation";

/**
 * The moderators' queue. For moderators; what an exclusion and a share say is for them too.
 *
 *   GET  /api/admin/moderation?status=&before=     → moderationQueueSchema
 *   POST /api/admin/moderation/:subjectId/resolve  resolveRequestSchema → 204
 *   POST /api/admin/moderation/:subjectId/unhide   noteRequestSchema → 204: a hidden answer is shown again
 *   GET  /api/admin/moderation/refused?before=     → refusedVisitorsSchema: of whom the chain has refused something within a month
 *   POST /api/admin/moderation/visitors/:id/disable  noteRequestSchema → 204
 *   POST /api/admin/moderation/visitors/:id/enable   → 204
 *   GET  /api/admin/moderation/shares?before=      → publishedSharesSchema
 *   POST /api/admin/moderation/shares/:token/unpublish  noteRequestSchema → 204
 *   GET  /api/admin/moderation/battles?before=     → publishedBattlesSchema: texts published with the vote data
 *   POST /api/admin/moderation/battles/:id/unpublish    noteRequestSchema → 204
 */

/** What a moderator does with a flagged answer. None of them: the flags are dismissed. */
export const moderationActionSchema = z.enum(["hide", "exclude_vote", "disable_visitor"]);
export type ModerationAction = z.infer<typeof moderationActionSchema>;

export const flagStatusSchema = z.enum(["open", "dismissed", "resolved"]);

export const resolveRequestSchema = z.strictObject({
  actions: z.array(moderationActionSchema).max(3),
  /** Why, for the audit log; never shown to visitors. */
  note: z.string().trim().min(1).max(2_000),
});
export type ResolveRequest = z.input<typeof resolveRequestSchema>;

export const flaggedAnswerSchema = z.object({
  subjectId: z.uuid(),
  kind: z.enum(["response", "message"]),
  status: flagStatusSchema,
  flags: z.array(
    z.object({
      reason: z.string(),
      comment: z.string(),
      /** False: by the chain of moderators. */
      isVisitor: z.boolean(),
      score: z.number().nullable(),
      at: z.coerce.date(),
    }),
  ),
  model: z.string(),
  prompt: z.string(),
  text: z.string(),
  isHidden: z.boolean(),
  /** Whose battle or chat it is, and whether that visitor may send more. */
  visitorId: z.string(),
  isVisitorDisabled: z.boolean(),
  /** The vote of the battle, where there is one; whether it counts. */
  vote: z.object({ id: z.uuid(), isExcluded: z.boolean() }).nullable(),
  isPublished: z.boolean(),
  resolvedBy: z.string().nullable(),
  resolvedAt: z.coerce.date().nullable(),
});
export type FlaggedAnswer = z.infer<typeof flaggedAnswerSchema>;

export const moderationQueueSchema = z.object({
  items: z.array(flaggedAnswerSchema),
  /** Answers with open flags. */
  open: z.number().int(),
  /** Give it as `before` for what is older; null at the end. */
  next: z.uuid().nullable(),
});
export type ModerationQueue = z.infer<typeof moderationQueueSchema>;

export const publishedSharesSchema = z.object({
  shares: z.array(
    z.object({
      token: z.string(),
      kind: z.string(),
      title: z.string(),
      createdAt: z.coerce.date(),
      keptFinds: z.number().int(),
    }),
  ),
});

export const publishedBattlesSchema = z.object({
  battles: z.array(
    z.object({
      battleId: z.uuid(),
      title: z.string(),
      /** As people know them. */
      models: z.object({ a: z.string(), b: z.string() }),
      publishedAt: z.coerce.date(),
    }),
  ),
  /** Give it as `before` for what is older; null at the end. */
  next: z.string().nullable(),
});

/** Why, for the audit log; never shown to visitors. */
export const noteRequestSchema = z.strictObject({ note: z.string().trim().min(1).max(2_000) });
export type NoteRequest = z.input<typeof noteRequestSchema>;

/** What was sent is not kept: only what was found, how often and when. */
export const refusedVisitorsSchema = z.object({
  visitors: z.array(
    z.object({
      visitorId: z.uuid(),
      isDisabled: z.boolean(),
      last: z.coerce.date(),
      /** The most frequent first. */
      refusals: z.array(
        z.object({
          category: z.string(),
          surface: z.enum(moderationSurfaces),
          isImage: z.boolean(),
          count: z.number().int(),
          maxScore: z.number(),
        }),
      ),
    }),
  ),
  /** Give it as `before` for what is older; null at the end. */
  next: z.uuid().nullable(),
});
export type RefusedVisitors = z.infer<typeof refusedVisitorsSchema>;
