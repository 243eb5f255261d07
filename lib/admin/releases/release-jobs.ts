import { v7 as uuidv7 } from "uuid";
import { type AuditActor, recordAudit } from "@/lib/audit";
import { type Database, databaseError, isUniqueViolation } from "@/lib/db";
import { AppError } from "@/lib/errors";
import {
  parseInput,
  type ReleaseJobView,
  type ReleaseRequest,
  releaseJobSchema,
  releaseRequestSchema,
} from "@/lib/protocol";
import { transact } from "../transact";

/** A running job that was not renewed for so long was lost with its server. Its server renews it each second. */
const lostSeconds = 30;
const shownJobs = 10;

/** The latest, newest first. Errors: `database_unavailable`. */
export async function listReleaseJobs(db: Database): Promise<ReleaseJobView[]> {
  try {
    const rows = await db.$queryRaw<unknown[]>`
      SELECT id, release, started_by AS "startedBy", started_at AS "startedAt", done, total,
        cancelled_by AS "cancelledBy",
        CASE WHEN state = 'running' AND is_lost THEN 'failed' ELSE state::text END AS state,
        CASE WHEN state = 'running' AND is_lost THEN renewed_at ELSE ended_at END AS "endedAt", error
      FROM (SELECT *, renewed_at < now() - make_interval(secs => ${lostSeconds}::int) AS is_lost FROM release_jobs) AS jobs
      ORDER BY started_at DESC, id DESC LIMIT ${shownJobs}::int`;
    return rows.map((row) => releaseJobSchema.parse(row));
  } catch (error) {
    throw databaseError(error);
  }
}

/**
 * Writes down that a release is to be made; whoever calls makes it (release-maker). Its line in the audit log is written when
 * it appears. Errors: `invalid_request`, `release_running`, `database_unavailable`.
 */
export async function startReleaseJob(
  db: Database,
  actor: AuditActor & { kind: "user" },
  input: ReleaseRequest,
): Promise<ReleaseJobView> {
  const { release, ...options } = parseInput(releaseRequestSchema, input);
  return await transact(db, async (tx) => {
    await tx.$executeRaw`
      UPDATE release_jobs SET state = 'failed', ended_at = renewed_at
      WHERE state = 'running' AND renewed_at < now() - make_interval(secs => ${lostSeconds}::int)`;
    try {
      const data = { id: uuidv7(), release, options, startedBy: actor.label, startedById: actor.id };
      return releaseJobSchema.parse(await tx.releaseJob.create({ data }));
    } catch (error) {
      if (isUniqueViolation(error)) throw new AppError("release_running", { cause: error });
      throw error;
    }
  });
}

/**
 * Asks for a running job to end: whichever server makes it sees it within a second or two. Errors: `release_not_found` for one
 * that is not running, `database_unavailable`.
 */
export async function cancelReleaseJob(db: Database, actor: AuditActor, id: string): Promise<void> {
  await transact(db, async (tx) => {
    const [job] = await tx.$queryRaw<{ release: string }[]>`
      UPDATE release_jobs SET cancelled_by = ${actor.label}
      WHERE id = ${id}::uuid AND state = 'running' AND cancelled_by IS NULL RETURNING release`;
    if (job === undefined)
      throw new AppError("release_not_found", { message: "This release is not being made." });
    await recordAudit(tx, {
      ...{ actor, action: "release.cancel", targetKind: "release", targetId: job.release },
    });
  });
}
