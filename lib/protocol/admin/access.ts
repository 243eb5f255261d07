import { z } from "zod";

/**
 * API keys and join tokens in the operator's console. The console names a key or a token by the part that lists show.
 *
 *   GET    /api/admin/keys                      → adminKeysSchema
 *   POST   /api/admin/keys                      adminKeyRequestSchema → 201 newKeySchema: the key, this once
 *   PATCH  /api/admin/keys/:prefix              adminKeyChangeSchema → adminKeySchema
 *   POST   /api/admin/keys/:prefix/rotate       → 201 newKeySchema: another key with the same settings; the old one stays valid for a while
 *   DELETE /api/admin/keys/:prefix              → adminKeySchema, revoked
 *   GET    /api/admin/join-tokens               → joinTokensSchema
 *   POST   /api/admin/join-tokens               joinTokenRequestSchema → 201 newJoinTokenSchema
 *   POST   /api/admin/join-tokens/:prefix/rotate  joinTokenRotateSchema → 201 newJoinTokenSchema: another with the same name, patterns
 *                                                 and pool; the old one stays valid for a while
 *   POST   /api/admin/join-tokens/:prefix/revoke  joinTokenRevokeSchema → 204
 */

const datesSchema = {
  createdAt: z.coerce.date(),
  expiresAt: z.coerce.date().nullable(),
  revokedAt: z.coerce.date().nullable(),
  lastUsedAt: z.coerce.date().nullable(),
};

const limitSchema = z.number().int().nullable();

export const adminKeySchema = z.object({
  prefix: z.string(),
  name: z.string(),
  ownerLabel: z.string(),
  models: z.array(z.string()),
  pools: z.array(z.string()),
  endpoints: z.array(z.string()),
  allowExperimental: z.boolean(),
  requestsPerMinute: limitSchema,
  tokensPerMinute: limitSchema,
  requestsPerDay: limitSchema,
  tokensPerDay: limitSchema,
  maxConcurrent: limitSchema,
  ...datesSchema,
});
export type AdminKey = z.infer<typeof adminKeySchema>;
export const adminKeysSchema = z.object({ keys: z.array(adminKeySchema) });

/** Checked field by field by lib/accounts, which knows the endpoints and patterns; here only the shape. */
const keySettingsShape = {
  name: z.string(),
  models: z.array(z.string()).max(256).optional(),
  pools: z.array(z.string()).max(64).optional(),
  endpoints: z.array(z.string()).max(64).optional(),
  allowExperimental: z.boolean().optional(),
  requestsPerMinute: limitSchema.optional(),
  tokensPerMinute: limitSchema.optional(),
  requestsPerDay: limitSchema.optional(),
  tokensPerDay: limitSchema.optional(),
  maxConcurrent: limitSchema.optional(),
  expiresAt: z.iso
    .datetime({ offset: true })
    .transform((text) => new Date(text))
    .nullable()
    .optional(),
};
export const adminKeyRequestSchema = z.strictObject({ ...keySettingsShape, ownerLabel: z.string() });
export const adminKeyChangeSchema = z.strictObject(keySettingsShape).partial();

/** How long the old key or token stays valid beside the new one. */
const overlapHoursSchema = z
  .number()
  .min(0)
  .max(24 * 90);
export const keyRotateSchema = z.strictObject({ overlapHours: overlapHoursSchema });
export const joinTokenRotateSchema = z.strictObject({ overlapHours: overlapHoursSchema });

export const newKeySchema = z.object({ key: adminKeySchema, secret: z.string() });
export type NewKey = z.infer<typeof newKeySchema>;

export const joinTokenSchema = z.object({
  prefix: z.string(),
  name: z.string(),
  models: z.array(z.string()),
  pool: z.string().nullable(),
  /** That registered with it and have not left. */
  workers: z.number().int(),
  ...datesSchema,
});
export type AdminJoinToken = z.infer<typeof joinTokenSchema>;
export const joinTokensSchema = z.object({ tokens: z.array(joinTokenSchema) });

export const joinTokenRequestSchema = z.strictObject({
  name: z.string(),
  models: z.array(z.string()).max(256).optional(),
  pool: z.string().nullable().optional(),
  expiresAt: keySettingsShape.expiresAt,
});
export const newJoinTokenSchema = z.object({ token: joinTokenSchema, secret: z.string() });
export type NewJoinToken = z.infer<typeof newJoinTokenSchema>;

export const joinTokenRevokeSchema = z.strictObject({
  /** The workers that it let in get no new request either, and cannot come back with it. */
  dropWorkers: z.boolean().default(false),
});
