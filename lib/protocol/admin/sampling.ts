import { z } from "zod";

/**
 * How pairs are drawn, in the operator's console. The policy itself is checked by lib/arena, which draws by it.
 *
 *   GET  /api/admin/sampling            → adminSamplingSchema
 *   POST /api/admin/sampling/simulate   samplingRequestSchema → samplingEffectSchema: changes nothing
 *   PUT  /api/admin/sampling            samplingRequestSchema → adminSamplingSchema
 */

export const samplingPolicySchema = z.object({
  floor: z.number(),
  newcomerShare: z.number(),
  newcomerVotes: z.number(),
  organizationCap: z.number(),
  uniformBelow: z.number(),
  weights: z.record(z.string(), z.number()),
});
export type SamplingPolicyView = z.infer<typeof samplingPolicySchema>;

export const samplingRequestSchema = z.strictObject({ policy: z.record(z.string(), z.unknown()) });

export const adminSamplingSchema = z.object({
  /** Row in force; 0: the defaults. */
  id: z.number().int(),
  policy: samplingPolicySchema,
  models: z.array(z.object({ name: z.string(), displayName: z.string() })),
  history: z.array(z.object({ id: z.number().int(), at: z.coerce.date(), policy: z.unknown() })),
});
export type AdminSampling = z.infer<typeof adminSamplingSchema>;

const effectSchema = z.object({
  points: z.array(
    z.object({
      votes: z.number(),
      rated: z.number(),
      halfWidth: z.number().nullable(),
      separated: z.number(),
    }),
  ),
  models: z.array(
    z.object({
      model: z.string(),
      displayName: z.string(),
      isDrawn: z.boolean(),
      votes: z.number(),
      seats: z.number(),
      halfWidth: z.number().nullable(),
    }),
  ),
});

export const samplingEffectSchema = z.object({
  votes: z.number(),
  inForce: effectSchema.nullable(),
  proposed: effectSchema,
});
export type SamplingEffect = z.infer<typeof samplingEffectSchema>;
