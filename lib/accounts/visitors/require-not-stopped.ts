import { type Database, databaseError, type Prisma } from "@/lib/db";
import { AppError } from "@/lib/errors";

/**
 * Whom a moderator has stopped sends nothing more and casts no vote. Errors: `visitor_stopped`, `database_unavailable`.
 */
export async function requireNotStopped(
  db: Pick<Database, "visitor"> | Prisma.TransactionClient,
  visitorId: string,
): Promise<void> {
  let visitor: { disabledAt: Date | null } | null;
  try {
    visitor = await db.visitor.findUnique({ where: { id: visitorId }, select: { disabledAt: true } });
  } catch (error) {
    throw databaseError(error);
  }
  if (visitor !== null && visitor.disabledAt !== null) throw new AppError("visitor_stopped");
}
