import { z } from "zod";
import { chatLimits, chatParametersSchema } from "../chat";
import { modelNameSchema } from "../worker";

/**
 * Models in the operator's console.
 *
 *   GET   /api/admin/models                → adminModelsSchema
 *   POST  /api/admin/models                modelAddRequestSchema → 201 adminModelSchema
 *   PATCH /api/admin/models/:name          modelChangeRequestSchema → adminModelSchema
 *   POST  /api/admin/models/:name/rename   modelRenameRequestSchema → adminModelSchema
 *   GET   /api/admin/models/:name/history  → modelHistorySchema
 */

const wordsSchema = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .regex(/^\P{Cc}*$/u, "no control characters");

const priceSchema = z.number().int().min(0).max(1_000_000_000).nullable();

/** Every field of a model that an operator can change; absent: as it is. */
export const modelChangeRequestSchema = z
  .strictObject({
    displayName: wordsSchema,
    organization: wordsSchema.nullable(),
    licence: wordsSchema.nullable(),
    stage: z.enum(["public", "experimental", "retired"]),
    /** Requests of all servers with workers at the same time; 0 holds them in line, null: no limit. */
    maxConcurrent: z.number().int().min(0).max(1_000_000).nullable(),
    /** Of all callers of /v1 together; null: no limit. */
    tokensPerMinute: z.number().int().min(0).max(2_000_000_000).nullable(),
    /** Head start in the line for a worker that serves several models; each unit counts as one second of waiting. */
    priority: z.number().int().min(-1_000_000).max(1_000_000),
    /** Millionths of a US dollar for a million tokens; null where not known. */
    priceInputMicros: priceSchema,
    priceOutputMicros: priceSchema,
    /** Of battles and chats, where the visitor sets nothing else. */
    defaultParameters: chatParametersSchema,
    systemPrompt: z.string().max(chatLimits.maxSystemPromptCharacters),
  })
  .partial();
export type ModelChangeRequest = z.input<typeof modelChangeRequestSchema>;

/** A model that no worker offers yet, so that it begins with the right stage and words. */
export const modelAddRequestSchema = modelChangeRequestSchema.extend({
  name: modelNameSchema,
  displayName: wordsSchema,
});
export type ModelAddRequest = z.input<typeof modelAddRequestSchema>;

export const modelRenameRequestSchema = z.strictObject({ name: modelNameSchema });

export const adminModelSchema = z.object({
  name: z.string(),
  displayName: z.string(),
  organization: z.string().nullable(),
  licence: z.string().nullable(),
  contextLength: z.number().int().nullable(),
  tags: z.array(z.string()),
  stage: z.enum(["public", "experimental", "retired"]),
  maxConcurrent: z.number().int().nullable(),
  tokensPerMinute: z.number().int().nullable(),
  priority: z.number().int(),
  priceInputMicros: z.number().int().nullable(),
  priceOutputMicros: z.number().int().nullable(),
  defaultParameters: chatParametersSchema,
  systemPrompt: z.string(),
});
export type AdminModel = z.infer<typeof adminModelSchema>;

/** `workers`: healthy ones that serve it now, as this server sees them. */
export const adminModelsSchema = z.object({
  models: z.array(adminModelSchema.extend({ workers: z.number().int(), votes: z.number().int() })),
});
export type AdminModels = z.infer<typeof adminModelsSchema>;

export const modelHistorySchema = z.object({
  changes: z.array(
    z.object({
      id: z.number().int(),
      at: z.coerce.date(),
      changedBy: z.string(),
      before: z.record(z.string(), z.unknown()),
      after: z.record(z.string(), z.unknown()),
    }),
  ),
});
export type ModelHistory = z.infer<typeof modelHistorySchema>;
