import type { Database, Prisma } from "@/lib/db";

/** Any fixed number: snapshots of all servers are stored one after another. */
const snapshotLock = 7_302_001;

/** Snapshots of the same board within one hour are replaced, so that the history has at most one an hour. */
const historyStepMs = 3_600_000;

/** After so long only the last snapshot of each day (UTC) stays, for ever. */
const hourlyDays = 7;

/**
 * Stores a fit, once: when the newest snapshot of the board has the same inputs (another server was faster), that one
 * is the answer.
 */
export async function storeSnapshot(
  db: Database,
  snapshot: Prisma.RatingSnapshotCreateInput & { variant: string },
): Promise<{ id: string; createdAt: Date }> {
  const { board, category, variant } = snapshot;
  return db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${snapshotLock})`;
    const select = { id: true, createdAt: true, inputsHash: true, codeVersion: true } as const;
    const newest = await tx.ratingSnapshot.findFirst({
      where: { board, category, variant },
      orderBy: { createdAt: "desc" },
      select,
    });
    if (newest?.inputsHash === snapshot.inputsHash && newest.codeVersion === snapshot.codeVersion)
      return newest;
    const stored = await tx.ratingSnapshot.create({ data: snapshot, select });
    const hourOf = (at: Date) => Math.floor(at.getTime() / historyStepMs);
    if (newest !== null && hourOf(newest.createdAt) === hourOf(stored.createdAt)) {
      await tx.ratingSnapshot.delete({ where: { id: newest.id } });
    } else await thinOut(tx, { board, category, variant });
    return stored;
  });
}

/** Once an hour of votes: hourly snapshots that have grown old give way to the last one of their day. */
async function thinOut(
  tx: Prisma.TransactionClient,
  { board, category, variant }: { board: string; category: string; variant: string },
): Promise<void> {
  await tx.$executeRaw`
    DELETE FROM rating_snapshots AS old
    WHERE board = ${board} AND category = ${category} AND variant = ${variant}
      AND created_at < now() - ${hourlyDays} * interval '1 day'
      AND EXISTS (
        SELECT 1 FROM rating_snapshots AS later
        WHERE later.board = old.board AND later.category = old.category AND later.variant = old.variant
          AND later.created_at > old.created_at
          AND date_trunc('day', later.created_at, 'UTC') = date_trunc('day', old.created_at, 'UTC'))`;
}
