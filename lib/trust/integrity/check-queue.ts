import { type Database, databaseError } from "@/lib/db";

/** A vote that was set aside is tried again after so long: whatever failed may have been mended. */
const retryMs = 3_600_000;

/** Votes that wait for the rules. */
export type CheckQueue = {
  /** That will be looked at next. */
  waiting: number;
  /** How long the oldest of them has waited, in milliseconds; 0: none waits. */
  oldestMs: number;
  /** Of which looking at them failed, each alone. They count meanwhile. */
  setAside: number;
};

/** Errors: `database_unavailable`. */
export async function readCheckQueue(db: Database): Promise<CheckQueue> {
  try {
    const [row] = await db.$queryRaw<CheckQueue[]>`
      SELECT count(*) FILTER (WHERE failed_at IS NULL)::int AS waiting,
        COALESCE(GREATEST(extract(epoch FROM clock_timestamp() - min(created_at) FILTER (WHERE failed_at IS NULL)), 0), 0)::float8
          * 1000 AS "oldestMs",
        count(failed_at)::int AS "setAside"
      FROM vote_check_queue JOIN votes ON votes.id = vote_id`;
    return row ?? { waiting: 0, oldestMs: 0, setAside: 0 };
  } catch (error) {
    throw databaseError(error);
  }
}

const toRetry = () => ({ failedAt: { lt: new Date(Date.now() - retryMs) } });

/** Whether there is anything to look at now or soon. */
export async function isAnythingDue(db: Database): Promise<boolean> {
  const where = { OR: [{ failedAt: null }, toRetry()] };
  return (await db.voteCheckQueue.findFirst({ where, select: { voteId: true } })) !== null;
}

/** The next votes in the order of their ids, at most `size`, none younger than `settleMs`. */
export async function nextVotes(db: Database, settleMs: number, size: number): Promise<string[]> {
  const rows = await db.$queryRaw<{ voteId: string }[]>`
    SELECT vote_id AS "voteId" FROM vote_check_queue JOIN votes ON votes.id = vote_id
    WHERE failed_at IS NULL AND created_at <= clock_timestamp() - make_interval(secs => ${settleMs / 1000}::float8)
    ORDER BY vote_id LIMIT ${size}`;
  return rows.map(({ voteId }) => voteId);
}

/** Votes that were set aside long enough ago, the longest first. */
export async function votesToRetry(db: Database, size: number): Promise<string[]> {
  const rows = await db.voteCheckQueue.findMany({
    where: toRetry(),
    orderBy: { failedAt: "asc" },
    take: size,
    select: { voteId: true },
  });
  return rows.map(({ voteId }) => voteId);
}

/** The others go on without it. */
export async function setAside(db: Database, voteId: string, error: unknown): Promise<void> {
  const failure = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  await db.voteCheckQueue.update({
    where: { voteId },
    data: { failedAt: new Date(), failure: failure.replaceAll("\0", "").slice(0, 2_000).toWellFormed() },
  });
}
