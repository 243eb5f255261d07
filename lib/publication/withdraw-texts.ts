import type { Prisma } from "@/lib/db";
import { consentVersions } from "@/lib/protocol";

/**
 * Takes back everything that is published of these battles, because their texts go: shared pages, with what they show, and the
 * consent to publish them. For the transaction that removes the texts, after it has locked the battles.
 */
export function withdrawTexts(
  db: Pick<Prisma.TransactionClient, "$executeRaw">,
  battleIds: readonly string[],
): Prisma.PrismaPromise<number>[] {
  return [
    db.$executeRaw`
      UPDATE shares SET content = NULL, revoked_at = now(), revoked_by = 'visitor'
      WHERE battle_id = ANY(${battleIds}::uuid[]) AND revoked_at IS NULL`,
    db.$executeRaw`
      INSERT INTO consents (visitor_id, kind, battle_id, is_given, version)
      SELECT visitor_id, 'publication', battle_id, false, ${consentVersions.publication}
      FROM (SELECT DISTINCT ON (battle_id) visitor_id, battle_id, is_given FROM consents
            WHERE battle_id = ANY(${battleIds}::uuid[]) ORDER BY battle_id, id DESC) AS newest
      WHERE is_given`,
  ];
}
