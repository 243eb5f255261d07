import { type Database, databaseError } from "@/lib/db";
import type { SessionView } from "@/lib/protocol";

/** The open ones, the newest first. Errors: `database_unavailable`. */
export async function listSessions(
  db: Database,
  userId: string,
  currentId: string | null,
): Promise<SessionView[]> {
  try {
    const rows = await db.authSession.findMany({
      where: { userId, expiresAt: { gt: new Date() } },
      orderBy: { createdAt: "desc" },
    });
    return rows.map(({ id, userAgent, createdAt, expiresAt }) => ({
      id,
      userAgent: userAgent === null || userAgent === "" ? null : userAgent.slice(0, 300),
      signedInAt: createdAt.toISOString(),
      expiresAt: expiresAt.toISOString(),
      isCurrent: id === currentId,
    }));
  } catch (error) {
    throw databaseError(error);
  }
}
