import { type Database, databaseError, type Prisma } from "@/lib/db";

/** One deed with its line in the audit log: both or neither. Errors: those of `act`, `database_unavailable`. */
export async function transact<T>(
  db: Database,
  act: (tx: Prisma.TransactionClient) => Promise<T>,
): Promise<T> {
  try {
    return await db.$transaction(act);
  } catch (error) {
    throw databaseError(error);
  }
}
