import type { Database, Prisma } from "@/lib/db";

/** Any fixed number: snapshots of all servers are stored one after another. */
const snapshotLock = 7_302_001;

/** Snapshots of the same board within one hour are replaced, so that the history has at most one an hour. */
const historyStepMs = 3_600_000;

/**
 * Stores a fit, once: when the newest snapshot of the board has the same inputs (another server was faster), that one
 * is the answer.
 */
export async function storeSnapshot(
  db: Database,
  snapshot: Prisma.RatingSnapshotCreateInput,
): Promise<{ id: string; createdAt: Date }> {
  const { board, category } = snapshot;
  return db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${snapshotLock})`;
    const select = { id: true, createdAt: true, inputsHash: true, codeVersion: true } as const;
    const newest = await tx.ratingSnapshot.findFirst({
      where: { board, category },
      orderBy: { createdAt: "desc" },
      select,
    });
    if (newest?.inputsHash === snapshot.inputsHash && newest.codeVersion === snapshot.codeVersion)
      return newest;
    const stored = await tx.ratingSnapshot.create({ data: snapshot, select });
    const isSameHour =
      newest !== null &&
      Math.floor(newest.createdAt.getTime() / historyStepMs) ===
        Math.floor(stored.createdAt.getTime() / historyStepMs);
    if (isSameHour) await tx.ratingSnapshot.delete({ where: { id: newest.id } });
    return stored;
  });
}
