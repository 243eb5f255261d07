import { join } from "node:path";
import { type Database, databaseError } from "@/lib/db";
import { AppError, isAppError } from "@/lib/errors";
import { releaseOptionsSchema } from "@/lib/protocol";
import { makeRelease } from "@/lib/votes";

export type ReleaseRunDeps = { db: Database; databaseUrl: string; releasesFolder: string };

/** How often progress is written down, and a cancellation seen. */
const renewMs = 1_000;

/** Somebody cancelled it. No error of the table: nobody is answered with it. */
class Cancelled extends Error {}

/**
 * Makes the release of a job and writes down how it went. A job that is cancelled, by its row or by `signal`, leaves nothing
 * behind. Resolves once its row says how it ended; rejects with what nobody foresaw, after that is written too.
 */
export async function runRelease(
  { db, databaseUrl, releasesFolder }: ReleaseRunDeps,
  jobId: string,
  signal: AbortSignal,
): Promise<void> {
  const where = { id: jobId, state: "running" } as const;
  const job = await db.releaseJob.findFirst({ where });
  if (job === null) return;
  const leaving = new AbortController();
  const both = AbortSignal.any([signal, leaving.signal]);
  let progress = { done: 0, total: 0 };
  const renew = async (): Promise<void> => {
    const [row] = await db.$queryRaw<{ isWanted: boolean }[]>`
      UPDATE release_jobs SET done = ${progress.done}::int, total = ${progress.total}::int, renewed_at = now()
      WHERE id = ${jobId}::uuid AND state = 'running' RETURNING cancelled_by IS NULL AS "isWanted"`;
    if (row?.isWanted !== true) leaving.abort(new Cancelled());
  };
  let renewing = Promise.resolve();
  const timer = setInterval(() => {
    // The release itself meets a database that is away, and says so.
    renewing = renewing.then(renew).catch((error: unknown) => leaving.abort(error));
  }, renewMs);
  try {
    await renew();
    const { licence, formats, boards } = releaseOptionsSchema.parse(job.options);
    const { release, startedBy: label, startedById: id } = job;
    await makeRelease(
      databaseUrl,
      { kind: "user", id, label },
      { folder: join(releasesFolder, release), release, licence, formats, boards },
      new Date(),
      {
        signal: both,
        onProgress: (done, total) => {
          progress = { done, total };
        },
        settle: async (tx) => {
          const data = { ...progress, state: "done" as const, endedAt: new Date() };
          const { count } = await tx.releaseJob.updateMany({ where: { ...where, cancelledBy: null }, data });
          if (count === 0) throw new Cancelled();
        },
      },
    );
  } catch (thrown) {
    clearInterval(timer);
    await renewing;
    const error = databaseError(signal.aborted ? new AppError("shutting_down", { cause: thrown }) : thrown);
    const isCancelled = error instanceof Cancelled;
    const told = isAppError(error) ? error : new AppError("internal", { cause: error });
    const how = isCancelled
      ? ({ state: "cancelled" } as const)
      : ({ state: "failed", errorCode: told.code, error: told.message } as const);
    await db.releaseJob.updateMany({ where, data: { ...progress, ...how, endedAt: new Date() } });
    if (!isCancelled && told.code === "internal") throw error;
  } finally {
    clearInterval(timer);
  }
}
