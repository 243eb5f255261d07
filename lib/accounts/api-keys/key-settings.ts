import { z } from "zod";
import { poolNameSchema } from "@/lib/protocol";
import { apiEndpoints } from "../accounting-types";
import { namePatternSchema } from "../name-pattern";

/** What a person reads: no control characters, so that it can be printed and logged as it is. */
export const labelSchema = z
  .string()
  .trim()
  .min(1)
  .max(128)
  .regex(/^\P{Cc}*$/u, "no control characters");

const limitSchema = z.number().int().min(1).max(2_000_000_000).nullable();

/** Everything about a key that can be changed later. An empty list of models, pools or endpoints: all of them. */
export const keySettingsSchema = z.object({
  name: labelSchema,
  models: z.array(namePatternSchema).max(256),
  pools: z.array(poolNameSchema).max(64),
  endpoints: z.array(z.enum(apiEndpoints)).max(apiEndpoints.length),
  allowExperimental: z.boolean(),
  requestsPerMinute: limitSchema,
  tokensPerMinute: limitSchema,
  requestsPerDay: limitSchema,
  tokensPerDay: limitSchema,
  maxConcurrent: limitSchema,
  expiresAt: z.date().nullable(),
});

export const createKeySchema = keySettingsSchema
  .partial()
  .required({ name: true })
  .extend({ ownerLabel: labelSchema, ownerId: z.uuid().nullable().default(null) });
export type CreateKeyInput = z.input<typeof createKeySchema>;

export const changeKeySchema = keySettingsSchema.partial();
export type ChangeKeyInput = z.input<typeof changeKeySchema>;
