import { type Database, databaseError } from "@/lib/db";

/** Whether the database has a token with which a worker could register now. Errors: `database_unavailable`. */
export async function hasValidJoinToken(db: Database, now = new Date()): Promise<boolean> {
  try {
    const valid = { revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] };
    return (await db.joinToken.findFirst({ where: valid, select: { id: true } })) !== null;
  } catch (error) {
    throw databaseError(error);
  }
}
