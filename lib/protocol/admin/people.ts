import { z } from "zod";
import { roleSchema } from "../account";

/**
 * Accounts in the operator's console.
 *
 *   GET  /api/admin/people?query=&role=&before=    → peopleSchema
 *   PATCH /api/admin/people/:id                    personChangeSchema → 204
 *   POST /api/admin/people/:id/end-sessions        → 204
 *   POST /api/admin/people/:id/reset-link          → 201 accountLinkSchema: shown this once
 *   POST /api/admin/people/invite                  inviteRequestSchema → 201 accountLinkSchema
 */

export const personSchema = z.object({
  id: z.uuid(),
  email: z.string(),
  name: z.string(),
  role: roleSchema,
  disabledAt: z.coerce.date().nullable(),
  createdAt: z.coerce.date(),
  logins: z.array(z.string()),
  openSessions: z.number().int(),
  lastSignInAt: z.coerce.date().nullable(),
});
export type Person = z.infer<typeof personSchema>;
export const peopleSchema = z.object({ people: z.array(personSchema), next: z.uuid().nullable() });

/** One of the two at a time. */
export const personChangeSchema = z.union([
  z.strictObject({ role: roleSchema }),
  z.strictObject({ isDisabled: z.boolean() }),
]);

export const inviteRequestSchema = z.strictObject({ role: roleSchema });
export const accountLinkSchema = z.object({ address: z.string(), expiresAt: z.coerce.date() });
export type AccountLinkView = z.infer<typeof accountLinkSchema>;
