import { z } from "zod";
import { imageIdsSchema, imageViewSchema } from "./attachment";
import { modelNameSchema } from "./worker";

/**
 * What crosses the line between the battle and compare pages and `/api/battles`. An open battle is a blindBattle, or a
 * namedBattle where the visitor has chosen the two models.
 *
 *   POST /api/battles                    startRequest → 201 open battle; with `models` a named one
 *   GET  /api/battles/:id                → open battle | revealedBattle
 *   GET  /api/battles/:id/events         → SSE of battleEvent, beginning with `snapshot`
 *   POST /api/battles/:id/turns          promptRequest → 201 open battle
 *   POST /api/battles/:id/regenerate     regenerateRequest → 200 open battle (replaces the last turn)
 *   POST /api/battles/:id/stop           stopRequest → 200 open battle
 *   POST /api/battles/:id/retry          retryRequest → 200 open battle (a side that failed)
 *   POST /api/battles/:id/swap           → 200 namedBattle, its sides exchanged
 *   POST /api/battles/:id/vote           voteRequest → 200 revealedBattle
 *   POST /api/battles/:id/reasons        voteReasons → 200 voteReasons (after the vote; replaces what was said before)
 *
 * Before the vote nothing here may name or number a model, a worker or an engine (DESIGN "Blindness is a type"):
 * the schemas of a blind battle are strict, so a field that slips in fails its parse.
 */

export const promptLimits = { maxCharacters: 32_000, maxTurns: 20 } as const;

export const sideSchema = z.enum(["a", "b"]);
export type Side = z.infer<typeof sideSchema>;
export const sides = ["a", "b"] as const satisfies readonly Side[];

export const outcomeSchema = z.enum(["a", "b", "tie", "both_bad"]);
export type Outcome = z.infer<typeof outcomeSchema>;

const promptSchema = z
  .string()
  .max(promptLimits.maxCharacters)
  .refine((text) => text.trim().length > 0, "the prompt is empty")
  .refine((text) => !text.includes("\u0000"), "the prompt holds a NUL character")
  .refine((text) => text.isWellFormed(), "the prompt holds half a character");

export const promptRequestSchema = z.strictObject({
  prompt: promptSchema,
  /** Shown to both models before the text. */
  images: imageIdsSchema.optional(),
  /** Made by the page for each new battle; the same key again gives the same battle, never a second one. */
  idempotencyKey: z.uuid(),
});
export type PromptRequest = z.infer<typeof promptRequestSchema>;

/** Names of the two models of a comparison. A model against itself says nothing about models. */
export const chosenModelsSchema = z
  .strictObject({ a: modelNameSchema, b: modelNameSchema })
  .refine((models) => models.a !== models.b, "a comparison needs two different models");
export type ChosenModels = z.infer<typeof chosenModelsSchema>;

export const startRequestSchema = promptRequestSchema.extend({
  /** Absent: the site draws two and keeps their names until the vote. */
  models: chosenModelsSchema.optional(),
});
export type StartRequest = z.infer<typeof startRequestSchema>;

export const regenerateRequestSchema = z.strictObject({
  /** The edited prompt; absent: the same prompt again. Its images stay either way. */
  prompt: promptSchema.optional(),
  idempotencyKey: z.uuid(),
});
export type RegenerateRequest = z.infer<typeof regenerateRequestSchema>;

export const stopRequestSchema = z.strictObject({ side: sideSchema.optional() });
export type StopRequest = z.infer<typeof stopRequestSchema>;

export const retryRequestSchema = z.strictObject({ side: sideSchema });
export type RetryRequest = z.infer<typeof retryRequestSchema>;

export const voteRequestSchema = z.strictObject({
  outcome: outcomeSchema,
  /** The last turn that the voter has seen. Absent: taken only where the battle never had another than its first. */
  turnId: z.uuid().optional(),
  /** Of a comparison: which model the voter has seen on which side. A blind battle takes no notice of it. */
  models: chosenModelsSchema.optional(),
  idempotencyKey: z.uuid(),
});
export type VoteRequest = z.infer<typeof voteRequestSchema>;

export const reasonSchema = z.enum(["accuracy", "clarity", "instructions", "code", "language", "length"]);
export type Reason = z.infer<typeof reasonSchema>;
export const maxCommentCharacters = 2_000;

/** Why the visitor voted so. */
export const voteReasonsSchema = z.strictObject({
  reasons: z
    .array(reasonSchema)
    .refine((reasons) => new Set(reasons).size === reasons.length, "a reason is named twice"),
  comment: z
    .string()
    .max(maxCommentCharacters)
    .refine((text) => !text.includes("\u0000") && text.isWellFormed(), "the comment cannot be stored"),
});
export type VoteReasons = z.infer<typeof voteReasonsSchema>;

/** queued: waits for a worker; stopped: by the visitor, unless `stoppedBy` says otherwise; failed: may be tried again. */
export const sideStatusSchema = z.enum(["queued", "writing", "finished", "stopped", "failed"]);
export type SideStatus = z.infer<typeof sideStatusSchema>;

/** Why a side failed, in words that are the same for every model. */
export const sideFailureSchema = z.enum(["no_worker", "interrupted", "prompt_too_long", "refused"]);
export type SideFailure = z.infer<typeof sideFailureSchema>;

/** What stopped an answer where it was not its visitor: nobody had it open for long; the server went. */
export const stoppedBySchema = z.enum(["absence", "server"]);
export type StoppedBy = z.infer<typeof stoppedBySchema>;

export const responseViewSchema = z.strictObject({
  status: sideStatusSchema,
  text: z.string(),
  /** True when the answer reached its length limit. */
  isTruncated: z.boolean(),
  failure: sideFailureSchema.nullable(),
  /** Of a stopped side; absent: its visitor. */
  stoppedBy: stoppedBySchema.optional(),
  /** Prompts that go first, while this one waits in line and the line is known. */
  ahead: z.number().int().nonnegative().optional(),
  /** A moderator took the text out of sight. */
  isHidden: z.literal(true).optional(),
});
export type ResponseView = z.infer<typeof responseViewSchema>;

export const turnViewSchema = z.strictObject({
  id: z.uuid(),
  prompt: z.string(),
  images: z.array(imageViewSchema),
  a: responseViewSchema,
  b: responseViewSchema,
});
export type TurnView = z.infer<typeof turnViewSchema>;

/** running: a side is queued or writing; ready: both ended well, voting is open; blocked: a side has failed. */
export const battleStatusSchema = z.enum(["running", "ready", "blocked"]);
export type BattleStatus = z.infer<typeof battleStatusSchema>;

const openBattleShape = {
  id: z.uuid(),
  status: battleStatusSchema,
  createdAt: z.iso.datetime(),
  turns: z.array(turnViewSchema),
};

export const blindBattleSchema = z.strictObject({ kind: z.literal("blind"), ...openBattleShape });
export type BlindBattle = z.infer<typeof blindBattleSchema>;

export const modelViewSchema = z.strictObject({
  name: z.string(),
  displayName: z.string(),
  organization: z.string().nullable(),
  licence: z.string().nullable(),
});
export type ModelView = z.infer<typeof modelViewSchema>;

/** A comparison before its vote: its models were chosen by name. */
export const namedBattleSchema = z.strictObject({
  kind: z.literal("named"),
  ...openBattleShape,
  models: z.strictObject({ a: modelViewSchema, b: modelViewSchema }),
});
export type NamedBattle = z.infer<typeof namedBattleSchema>;

export const openBattleSchema = z.discriminatedUnion("kind", [blindBattleSchema, namedBattleSchema]);
export type OpenBattle = z.infer<typeof openBattleSchema>;

/** A board score with its uncertainty; null where the votes cannot place the model yet. */
export const boardScoreSchema = z.strictObject({
  score: z.number(),
  lower: z.number(),
  upper: z.number(),
  rankBest: z.number().int(),
  rankWorst: z.number().int(),
});
export type BoardScore = z.infer<typeof boardScoreSchema>;

export const revealedSideSchema = z.strictObject({
  model: modelViewSchema,
  /** Votes of this model on the board that counts this one, this one included; 0 where its effect was not measured. */
  votes: z.number().int(),
  before: boardScoreSchema.nullable(),
  after: boardScoreSchema.nullable(),
  elo: z.strictObject({ before: z.number(), after: z.number() }),
  /** Over the whole battle; null where no answer of this side was measured. */
  tokens: z.number().int().nullable(),
  firstTokenMs: z.number().nullable(),
  tokensPerSecond: z.number().nullable(),
  totalMs: z.number().nullable(),
});
export type RevealedSide = z.infer<typeof revealedSideSchema>;

export const revealedBattleSchema = z.strictObject({
  kind: z.literal("revealed"),
  /** Which board counts the vote: that of blind battles, or that of comparisons by name. */
  board: z.enum(["blind", "compare"]),
  id: z.uuid(),
  createdAt: z.iso.datetime(),
  /** The visitor had the texts removed; prompts and answers are empty. */
  isTextDeleted: z.boolean(),
  turns: z.array(turnViewSchema),
  vote: z.strictObject({ outcome: outcomeSchema, createdAt: z.iso.datetime() }),
  /** Null until the visitor has said any. */
  reasons: voteReasonsSchema.nullable(),
  sides: z.strictObject({ a: revealedSideSchema, b: revealedSideSchema }),
});
export type RevealedBattle = z.infer<typeof revealedBattleSchema>;

export const battleViewSchema = z.discriminatedUnion("kind", [
  blindBattleSchema,
  namedBattleSchema,
  revealedBattleSchema,
]);
export type BattleView = z.infer<typeof battleViewSchema>;

/**
 * One SSE frame: `event: <type>` and the whole object as `data`.
 *
 * `delta.at` is the length (UTF-16 code units) of the side's text before this piece, so that a reader that
 * re-attaches can drop what it has and notice what it lacks. A turn is named by its id.
 */
export const battleEventSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("snapshot"), battle: battleViewSchema }),
  z.strictObject({ type: z.literal("status"), turnId: z.uuid(), side: sideSchema, status: sideStatusSchema }),
  /** A side waits in line behind so many others. */
  z.strictObject({
    type: z.literal("queued"),
    turnId: z.uuid(),
    side: sideSchema,
    ahead: z.number().int().nonnegative(),
  }),
  z.strictObject({
    type: z.literal("delta"),
    turnId: z.uuid(),
    side: sideSchema,
    at: z.number().int().nonnegative(),
    text: z.string(),
  }),
  z.strictObject({
    type: z.literal("done"),
    turnId: z.uuid(),
    side: sideSchema,
    response: responseViewSchema,
  }),
  z.strictObject({
    type: z.literal("failed"),
    turnId: z.uuid(),
    side: sideSchema,
    response: responseViewSchema,
  }),
  /** Both sides have ended well; voting is open. */
  z.strictObject({ type: z.literal("ready"), turnId: z.uuid() }),
  /** The vote was cast, perhaps in another tab: fetch the battle for the names. */
  z.strictObject({ type: z.literal("voted") }),
]);
export type BattleEvent = z.infer<typeof battleEventSchema>;
