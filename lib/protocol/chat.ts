import { z } from "zod";
import { imageIdsSchema, imageViewSchema } from "./attachment";
import { sideFailureSchema, sideStatusSchema, stoppedBySchema } from "./battle";
import { capabilitySchema, modelNameSchema } from "./worker";

/**
 * What crosses the line between the chat page and `/api/chat`.
 *
 *   GET    /api/chat/models                             → chatModels
 *   GET    /api/chat/conversations?query=&cursor=       → conversationList, the one with the newest message first
 *   POST   /api/chat/conversations                      startConversationRequest → 201 conversationView
 *   GET    /api/chat/conversations/:id                  → conversationView
 *   PATCH  /api/chat/conversations/:id                  changeConversationRequest → conversationView
 *   DELETE /api/chat/conversations                      → deletedConversations: all of them, for good
 *   DELETE /api/chat/conversations/:id                  → deletedConversation; can be undone for a while
 *   POST   /api/chat/conversations/:id/restore          → conversationView
 *   GET    /api/chat/conversations/:id/events           → SSE of chatEvent, beginning with `snapshot`
 *   POST   /api/chat/conversations/:id/messages         sendMessageRequest → 201 conversationView
 *   POST   /api/chat/conversations/:id/regenerate       regenerateAnswerRequest → 201 conversationView
 *   POST   /api/chat/conversations/:id/stop             → conversationView
 *   POST   /api/chat/conversations/:id/select           selectBranchRequest → conversationView
 *   POST   /api/chat/conversations/:id/feedback         messageFeedbackRequest → conversationView
 *
 * Every route with an id needs the visitor to whom the conversation belongs. Chat is not blind: models are named.
 */

export const chatLimits = {
  maxCharacters: 32_000,
  maxSystemPromptCharacters: 16_000,
  maxTitleCharacters: 120,
  /** Prompts and answers of one conversation, all branches together. */
  maxMessages: 1_000,
  /** Conversations of one page of the list. */
  pageSize: 60,
} as const;

const storableText = (maxCharacters: number) =>
  z
    .string()
    .max(maxCharacters)
    .refine((text) => !text.includes("\u0000"), "the text holds a NUL character")
    .refine((text) => text.isWellFormed(), "the text holds half a character");

const messageTextSchema = storableText(chatLimits.maxCharacters).refine(
  (text) => text.trim().length > 0,
  "the message is empty",
);

const maxStopStrings = 4;

/** Of the next answer; what is absent is the model's own default. Ranges are OpenAI's; `topK` is llama-server's. */
export const chatParametersSchema = z.strictObject({
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  /** 0: no limit. */
  topK: z.number().int().min(0).max(1_000).optional(),
  maxTokens: z.number().int().min(1).max(131_072).optional(),
  seed: z.number().int().min(0).max(4_294_967_295).optional(),
  stop: z.array(storableText(64).min(1)).max(maxStopStrings).optional(),
  presencePenalty: z.number().min(-2).max(2).optional(),
  frequencyPenalty: z.number().min(-2).max(2).optional(),
});
export type ChatParameters = z.infer<typeof chatParametersSchema>;

const settingsShape = {
  model: modelNameSchema,
  systemPrompt: storableText(chatLimits.maxSystemPromptCharacters),
  parameters: chatParametersSchema,
};

export const startConversationRequestSchema = z.strictObject({
  ...settingsShape,
  text: messageTextSchema,
  /** Shown to the model before the text. */
  images: imageIdsSchema.optional(),
  /** The same key again gives the same conversation, never a second one. */
  idempotencyKey: z.uuid(),
});
export type StartConversationRequest = z.infer<typeof startConversationRequestSchema>;

export const changeConversationRequestSchema = z
  .strictObject({
    ...settingsShape,
    title: storableText(chatLimits.maxTitleCharacters).refine(
      (text) => text.trim().length > 0,
      "the title is empty",
    ),
    isPinned: z.boolean(),
  })
  .partial();
export type ChangeConversationRequest = z.infer<typeof changeConversationRequestSchema>;

/**
 * With what a message or an answer is asked for; it is stored with it, for the next ones too. What is absent is as it was stored
 * last. A page sends all that it shows, so that what it shows is what is asked for, whatever another tab has stored meanwhile.
 */
const askedWithShape = z.strictObject(settingsShape).partial().shape;

export const sendMessageRequestSchema = z.strictObject({
  ...askedWithShape,
  text: messageTextSchema,
  images: imageIdsSchema.optional(),
  /** The answer that this follows; null: a new beginning. A parent that has a follower already gets a second branch. */
  parentId: z.uuid().nullable(),
  idempotencyKey: z.uuid(),
});
export type SendMessageRequest = z.infer<typeof sendMessageRequestSchema>;

export const regenerateAnswerRequestSchema = z.strictObject({
  ...askedWithShape,
  /** The answer that gets a sibling. */
  messageId: z.uuid(),
  idempotencyKey: z.uuid(),
});
export type RegenerateAnswerRequest = z.infer<typeof regenerateAnswerRequestSchema>;

/** Shows the branch on which this message lies: from it, always the newest follower. */
export const selectBranchRequestSchema = z.strictObject({ messageId: z.uuid() });
export type SelectBranchRequest = z.infer<typeof selectBranchRequestSchema>;

export const feedbackSchema = z.enum(["up", "down"]);
export type Feedback = z.infer<typeof feedbackSchema>;

export const messageFeedbackRequestSchema = z.strictObject({
  messageId: z.uuid(),
  /** Null takes it back. */
  feedback: feedbackSchema.nullable(),
});
export type MessageFeedbackRequest = z.infer<typeof messageFeedbackRequestSchema>;

export const listConversationsRequestSchema = z.strictObject({
  /** In titles and messages, upper and lower case alike. */
  query: storableText(200).default(""),
  /** `nextCursor` of the page before. */
  cursor: z.string().max(100).optional(),
});
export type ListConversationsRequest = z.infer<typeof listConversationsRequestSchema>;

const namedModelSchema = z.strictObject({ name: z.string(), displayName: z.string() });

export const userMessageSchema = z.strictObject({
  role: z.literal("user"),
  id: z.uuid(),
  parentId: z.uuid().nullable(),
  text: z.string(),
  images: z.array(imageViewSchema),
  createdAt: z.iso.datetime(),
});
export type UserMessage = z.infer<typeof userMessageSchema>;

export const assistantMessageSchema = z.strictObject({
  role: z.literal("assistant"),
  id: z.uuid(),
  parentId: z.uuid(),
  text: z.string(),
  /** A moderator took the text out of sight. */
  isHidden: z.literal(true).optional(),
  createdAt: z.iso.datetime(),
  status: sideStatusSchema,
  /** Of a stopped answer; absent: its visitor. */
  stoppedBy: stoppedBySchema.optional(),
  model: namedModelSchema,
  /** True when the answer reached its length limit. */
  isTruncated: z.boolean(),
  /** `parameter`: the one that the model does not take, where it said so. */
  failure: z.strictObject({ reason: sideFailureSchema, parameter: z.string().nullable() }).nullable(),
  /** Null where the engine did not count. */
  promptTokens: z.number().int().nullable(),
  completionTokens: z.number().int().nullable(),
  firstTokenMs: z.number().nullable(),
  totalMs: z.number().nullable(),
  feedback: feedbackSchema.nullable(),
});
export type AssistantMessage = z.infer<typeof assistantMessageSchema>;

export const messageViewSchema = z.discriminatedUnion("role", [userMessageSchema, assistantMessageSchema]);
export type MessageView = z.infer<typeof messageViewSchema>;

export const conversationSummarySchema = z.strictObject({
  id: z.uuid(),
  title: z.string(),
  isPinned: z.boolean(),
  createdAt: z.iso.datetime(),
  /** The last message. */
  updatedAt: z.iso.datetime(),
});
export type ConversationSummary = z.infer<typeof conversationSummarySchema>;

export const conversationViewSchema = z.strictObject({
  ...conversationSummarySchema.shape,
  model: namedModelSchema,
  systemPrompt: z.string(),
  parameters: chatParametersSchema,
  /** The end of the branch that is shown. */
  leafId: z.uuid().nullable(),
  /** All branches, in order of making: a parent stands before its children. */
  messages: z.array(messageViewSchema),
});
export type ConversationView = z.infer<typeof conversationViewSchema>;

export const conversationListSchema = z.strictObject({
  /** Pinned ones are all on the first page, whatever their date. */
  conversations: z.array(conversationSummarySchema),
  nextCursor: z.string().nullable(),
});
export type ConversationList = z.infer<typeof conversationListSchema>;

export const deletedConversationSchema = z.strictObject({ id: z.uuid(), undoUntil: z.iso.datetime() });
export type DeletedConversation = z.infer<typeof deletedConversationSchema>;

/** How many there were. */
export const deletedConversationsSchema = z.strictObject({ conversations: z.number().int() });
export type DeletedConversations = z.infer<typeof deletedConversationsSchema>;

export const chatModelSchema = z.strictObject({
  ...namedModelSchema.shape,
  organization: z.string().nullable(),
  contextLength: z.number().int().nullable(),
  capabilities: z.array(capabilitySchema),
  /** Requests that waited for it, on average over some minutes and in rough steps: the number of now would tell of blind battles. */
  waiting: z.number().int(),
  /** What holds where nothing else is asked for; null where the engine does not say. */
  defaults: z.strictObject({
    temperature: z.number().nullable(),
    topP: z.number().nullable(),
    topK: z.number().int().nullable(),
  }),
  /** Longest answer where nothing else is asked for, and at all, in tokens. */
  maxTokens: z.number().int(),
});
export type ChatModel = z.infer<typeof chatModelSchema>;

export const chatModelsSchema = z.strictObject({ models: z.array(chatModelSchema) });
export type ChatModels = z.infer<typeof chatModelsSchema>;

/**
 * One SSE frame: `event: <type>` and the whole object as `data`. `delta.at` is the length (UTF-16 code units) of the
 * message's text before this piece, so that a reader that re-attaches can drop what it has and notice what it lacks.
 */
export const chatEventSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("snapshot"), conversation: conversationViewSchema }),
  z.strictObject({ type: z.literal("status"), messageId: z.uuid(), status: sideStatusSchema }),
  z.strictObject({
    type: z.literal("delta"),
    messageId: z.uuid(),
    at: z.number().int().nonnegative(),
    text: z.string(),
  }),
  /** An answer has ended, well or not. */
  z.strictObject({ type: z.literal("done"), message: assistantMessageSchema }),
  /** The conversation was deleted, perhaps in another tab. */
  z.strictObject({ type: z.literal("deleted") }),
]);
export type ChatEvent = z.infer<typeof chatEventSchema>;
