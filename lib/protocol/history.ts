import { z } from "zod";
import { modelViewSchema, outcomeSchema } from "./battle";
import { leaderboardRowSchema } from "./leaderboard";
import { modelNameSchema } from "./worker";

/**
 * What crosses the line between the history page and `/api/history`. All of it is the visitor's own.
 *
 *   GET    /api/history?filter=&model=&query=&cursor=   → history, the newest battle first
 *   GET    /api/history/board                           → personalBoard
 *   DELETE /api/history                                 → deletedTexts: of all battles
 *   DELETE /api/history/:id                             → deletedTexts: of one battle
 *
 * Deleting removes prompts, answers and the comment on the vote. The vote and what it was counted as stay, without a text.
 */

export const historyLimits = { pageSize: 40, maxPromptCharacters: 300 } as const;

export const historyFilterSchema = z.enum(["all", "voted", "unvoted", "published"]);
export type HistoryFilter = z.infer<typeof historyFilterSchema>;

export const historyRequestSchema = z.strictObject({
  filter: historyFilterSchema.default("all"),
  /** Battles of this model whose names are known to the visitor: voted ones and comparisons. */
  model: modelNameSchema.optional(),
  /** In prompts and answers, upper and lower case alike. */
  query: z
    .string()
    .max(200)
    .refine((text) => !text.includes("\u0000") && text.isWellFormed(), "the text cannot be searched")
    .default(""),
  /** `nextCursor` of the page before. */
  cursor: z.uuid().optional(),
});
export type HistoryRequest = z.infer<typeof historyRequestSchema>;

export const historyEntrySchema = z.strictObject({
  id: z.uuid(),
  kind: z.enum(["blind", "compare"]),
  createdAt: z.iso.datetime(),
  /** The beginning of the first prompt; empty where the texts were removed. */
  prompt: z.string(),
  turnCount: z.number().int(),
  isTextDeleted: z.boolean(),
  outcome: outcomeSchema.nullable(),
  /** Whether its visitor publishes its text with the vote data, and whether it is shared at an address of its own. */
  isPublished: z.boolean(),
  isShared: z.boolean(),
  /** Null before the vote of a blind battle. */
  models: z.strictObject({ a: modelViewSchema, b: modelViewSchema }).nullable(),
});
export type HistoryEntry = z.infer<typeof historyEntrySchema>;

export const historySchema = z.strictObject({
  entries: z.array(historyEntrySchema),
  nextCursor: z.uuid().nullable(),
  /** Of all battles whose names are known to the visitor, whatever the filter, by display name. */
  models: z.array(z.strictObject({ name: z.string(), displayName: z.string() })),
});
export type History = z.infer<typeof historySchema>;

/** A board of the visitor's own blind votes. The rows of a public board, without what only that has. */
export const personalBoardSchema = z.strictObject({
  votes: z.number().int(),
  rows: z.array(
    leaderboardRowSchema.pick({
      model: true,
      displayName: true,
      organization: true,
      votes: true,
      winRate: true,
      rating: true,
      unratedReason: true,
    }),
  ),
});
export type PersonalBoard = z.infer<typeof personalBoardSchema>;
export type PersonalRow = PersonalBoard["rows"][number];

export const deletedTextsSchema = z.strictObject({ battles: z.number().int() });
export type DeletedTexts = z.infer<typeof deletedTextsSchema>;
