import type { Prisma } from "@/lib/db";
import { consentVersions } from "@/lib/protocol";

/**
 * Keeps that the visitor has sent a text while the privacy line stood at the composer: once for each wording, with its time.
 * In the transaction that stores the text, after the visitor's row.
 */
export function recordPrivacyNotice(
  db: Pick<Prisma.TransactionClient, "$executeRaw">,
  visitorId: string,
): Prisma.PrismaPromise<number> {
  return db.$executeRaw`
    INSERT INTO consents (visitor_id, kind, is_given, version)
    VALUES (${visitorId}::uuid, 'privacy', true, ${consentVersions.privacy})
    ON CONFLICT (visitor_id, version) WHERE kind = 'privacy' DO NOTHING`;
}
