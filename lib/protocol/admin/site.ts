import { z } from "zod";

/**
 * Site settings and the audit log in the operator's console.
 *
 *   GET  /api/admin/settings                    → adminSettingsSchema
 *   PUT  /api/admin/settings/:section           the whole section → settingsSectionSchema
 *   GET  /api/admin/settings/:section/history   → settingsHistorySchema
 *   POST /api/admin/settings/:section/revert    settingsRevertSchema → settingsSectionSchema
 *   GET  /api/admin/audit?before=&action=&target=&actor=  → auditLogSchema
 */

export const settingsSectionSchema = z.object({
  name: z.string(),
  /** JSON Schema of the section, from which the page makes its form. */
  schema: z.record(z.string(), z.unknown()),
  defaults: z.record(z.string(), z.unknown()),
  value: z.record(z.string(), z.unknown()),
});
export type AdminSettingsSection = z.infer<typeof settingsSectionSchema>;
export const adminSettingsSchema = z.object({ sections: z.array(settingsSectionSchema) });

export const settingsHistorySchema = z.object({
  changes: z.array(
    z.object({ id: z.number().int(), at: z.coerce.date(), changedBy: z.string(), value: z.unknown() }),
  ),
});
export type AdminSettingsHistory = z.infer<typeof settingsHistorySchema>;

/** An entry of the section's history; null: the defaults. */
export const settingsRevertSchema = z.strictObject({ id: z.number().int().nullable() });

export const auditLogSchema = z.object({
  lines: z.array(
    z.object({
      id: z.uuid(),
      at: z.coerce.date(),
      actorKind: z.enum(["user", "cli", "system"]),
      actorId: z.string().nullable(),
      actorLabel: z.string(),
      action: z.string(),
      targetKind: z.string(),
      targetId: z.string(),
      details: z.unknown(),
    }),
  ),
  /** Give it as `before` for what is older; null at the end. */
  next: z.uuid().nullable(),
});
export type AuditLog = z.infer<typeof auditLogSchema>;
