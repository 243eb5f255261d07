import { z } from "zod";

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
