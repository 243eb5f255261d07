import { z } from "zod";
import { moderationCategories } from "./moderation-categories";

/**
 * Flagging an answer, as its readers do it.
 *
 *   POST /api/flags  flagRequestSchema → 201 flagResponseSchema; the same visitor's second flag of an answer changes the first
 */

export const moderationCategorySchema = z.enum(moderationCategories);

/** Where a text stands; each has a threshold of its own. */
export const moderationSurfaces = ["battle_prompt", "chat_prompt", "answer", "publication"] as const;
export type ModerationSurface = (typeof moderationSurfaces)[number];

export const flagReasons = ["harmful", "sexual", "hate", "personal_data", "illegal", "other"] as const;
export const flagReasonSchema = z.enum(flagReasons);
export type FlagReason = z.infer<typeof flagReasonSchema>;

export const flagRequestSchema = z.strictObject({
  subject: z.discriminatedUnion("kind", [
    /** The last answer of a side, by the battle's visitor and after the vote. */
    z.strictObject({ kind: z.literal("battle"), battleId: z.uuid(), side: z.enum(["a", "b"]) }),
    z.strictObject({ kind: z.literal("chat"), conversationId: z.uuid(), messageId: z.uuid() }),
    /** Of a battle whose text is published with the vote data, by anybody: the last answer of a side. */
    z.strictObject({ kind: z.literal("published"), battleId: z.uuid(), side: z.enum(["a", "b"]) }),
    /** Of a shared page, by anybody: the last answer of a side; of a chat the last one, whatever the side. */
    z.strictObject({ kind: z.literal("share"), token: z.string().min(1).max(200), side: z.enum(["a", "b"]) }),
  ]),
  reason: flagReasonSchema,
  comment: z
    .string()
    .max(1_000)
    .refine((text) => !text.includes("\u0000"), "the text holds a NUL character")
    .refine((text) => text.isWellFormed(), "the text holds half a character")
    .default(""),
});
export type FlagRequest = z.infer<typeof flagRequestSchema>;

export const flagResponseSchema = z.object({ id: z.uuid() });
export type FlagSubject = FlagRequest["subject"];
