import { z } from "zod";
import { type ModelView, modelViewSchema, type Outcome, outcomeSchema } from "./battle";

/** What the screen for personal data finds (lib/pii). */
export const piiKindSchema = z.enum([
  "email",
  "phone",
  "card",
  "iban",
  "cn_id",
  "ssn",
  "ip",
  "secret",
  "password",
]);
export type PiiKind = z.infer<typeof piiKindSchema>;

/**
 * What crosses the line between the pages and the routes of publication. All of it is the visitor's own, but for the shared
 * page itself, which anybody with its address may read.
 *
 *   GET    /api/battles/:id/publication        → publicationView
 *   POST   /api/battles/:id/publication        publicationRequest → publicationView
 *   GET    /api/shares                         → shareList: those that are published
 *   GET    /api/shares?battle= | conversation= → shareList: of this one
 *   POST   /api/shares                         shareRequest → 201 shareView
 *   DELETE /api/shares/:token                  → unpublished
 *
 * POST /api/shares answers `personal_data_found` where the screen finds something and the request does not say what to do with
 * it; its `details` are a foundDetails.
 */

/** The wording that a consent was given to; a change of the words in the pages raises it. */
export const consentVersions = { privacy: 3, publication: 1 } as const;

/** Where in a battle or chat something was found. `turn` counts from 1. */
export const foundPlaceSchema = z.strictObject({
  part: z.enum(["title", "prompt", "answer_a", "answer_b", "message", "answer"]),
  turn: z.number().int().min(0),
});
export type FoundPlace = z.infer<typeof foundPlaceSchema>;

/** One find with the text around it. */
export const foundViewSchema = z.strictObject({
  place: foundPlaceSchema,
  kind: piiKindSchema,
  before: z.string(),
  found: z.string(),
  after: z.string(),
});
export type FoundView = z.infer<typeof foundViewSchema>;

/** How many finds are shown one by one; more are only counted. */
export const maxFoundViews = 40;

export const foundDetailsSchema = z.object({
  finds: z.array(foundViewSchema).max(maxFoundViews),
  total: z.number().int().min(1),
  /** Names exactly these finds in exactly this text: what the visitor has looked at. */
  digest: z.string().min(1),
});
export type FoundDetails = z.infer<typeof foundDetailsSchema>;

export const publicationRequestSchema = z.strictObject({
  isGiven: z.boolean(),
  /** Publish it with the screen's finds hidden, instead of leaving it out because of them. */
  hidesFinds: z.boolean().default(false),
});
export type PublicationRequest = z.infer<typeof publicationRequestSchema>;

/** Whether a battle's text goes into the next release of the vote data. */
export const publicationViewSchema = z.strictObject({
  isGiven: z.boolean(),
  hidesFinds: z.boolean(),
  /** Of the last choice; null: none was made, which counts as no. */
  changedAt: z.iso.datetime().nullable(),
  /** What the screen finds in the text as it is: unless they are hidden, it stays out. */
  finds: z.array(z.strictObject({ kind: piiKindSchema, count: z.number().int() })),
});
export type PublicationView = z.infer<typeof publicationViewSchema>;

const answerSchema = z.strictObject({
  text: z.string(),
  /** True when the answer reached its length limit. */
  isTruncated: z.boolean(),
  /** True when the visitor stopped it. */
  isStopped: z.boolean(),
});

export const sharedBattleSchema = z.strictObject({
  kind: z.literal("battle"),
  board: z.enum(["blind", "compare"]),
  createdAt: z.iso.datetime(),
  vote: z.strictObject({ outcome: outcomeSchema, createdAt: z.iso.datetime() }),
  models: z.strictObject({ a: modelViewSchema, b: modelViewSchema }),
  turns: z
    .array(
      z.strictObject({
        prompt: z.string(),
        /** How many came with the prompt. They are never published: no screen looks into a picture. */
        images: z.number().int(),
        a: answerSchema,
        b: answerSchema,
      }),
    )
    .min(1),
});
export type SharedBattle = z.infer<typeof sharedBattleSchema>;

export const sharedChatSchema = z.strictObject({
  kind: z.literal("chat"),
  title: z.string(),
  createdAt: z.iso.datetime(),
  messages: z
    .array(
      z.discriminatedUnion("role", [
        z.strictObject({ role: z.literal("user"), text: z.string(), images: z.number().int() }),
        answerSchema.extend({
          role: z.literal("assistant"),
          model: z.strictObject({ name: z.string(), displayName: z.string() }),
        }),
      ]),
    )
    .min(1),
});
export type SharedChat = z.infer<typeof sharedChatSchema>;

/** What a shared page shows: stored when it is published, and never changed afterwards. */
export const sharedContentSchema = z.discriminatedUnion("kind", [sharedBattleSchema, sharedChatSchema]);
export type SharedContent = z.infer<typeof sharedContentSchema>;

/** A published battle or chat as a reader gets it. */
export type SharedPage<Content extends SharedContent = SharedContent> = {
  content: Content;
  /** A chat's title, or the beginning of a battle's first prompt. */
  title: string;
  publishedAt: string;
  hiddenFinds: number;
  /** Whether search engines may list it. */
  isIndexed: boolean;
};

export const shareTokenSchema = z.string().regex(/^[A-Za-z0-9_-]{32}$/, "is no address of a shared page");

export const shareRequestSchema = z
  .strictObject({
    battleId: z.uuid().optional(),
    conversationId: z.uuid().optional(),
    /** What to do with the screen's finds; absent: ask. `keep` needs the digest of the finds that were looked at. */
    finds: z
      .discriminatedUnion("do", [
        z.strictObject({ do: z.literal("hide") }),
        z.strictObject({ do: z.literal("keep"), digest: z.string().max(100) }),
      ])
      .optional(),
  })
  .refine(
    ({ battleId, conversationId }) => (battleId === undefined) !== (conversationId === undefined),
    "names a battle or a conversation",
  );
export type ShareRequest = z.infer<typeof shareRequestSchema>;

export const shareQuerySchema = z.strictObject({
  battle: z.uuid().optional(),
  conversation: z.uuid().optional(),
});
export type ShareQuery = z.infer<typeof shareQuerySchema>;

export const shareViewSchema = z.strictObject({
  token: shareTokenSchema,
  kind: z.enum(["battle", "chat"]),
  battleId: z.uuid().nullable(),
  conversationId: z.uuid().nullable(),
  /** The beginning of what it shows. */
  title: z.string(),
  createdAt: z.iso.datetime(),
  hiddenFinds: z.number().int(),
});
export type ShareView = z.infer<typeof shareViewSchema>;

export const shareListSchema = z.strictObject({ shares: z.array(shareViewSchema) });
export type ShareList = z.infer<typeof shareListSchema>;

export const unpublishedSchema = z.strictObject({ token: shareTokenSchema });
export type Unpublished = z.infer<typeof unpublishedSchema>;

/** A battle whose visitor has published its text with the vote data, as other pages link to it. */
export type PublishedSample = {
  battleId: string;
  prompt: string;
  outcome: Outcome;
  models: { a: ModelView; b: ModelView };
  publishedAt: string;
};
