import { z } from "zod";
import { type AuditActor, recordAudit } from "@/lib/audit";
import type { Database } from "@/lib/db";
import { AppError } from "@/lib/errors";
import type { WorkerAction, WorkerOrder } from "@/lib/protocol";
import { transact } from "../transact";

const orders = {
  drain: "draining",
  eject: "ejected",
  restart: "restarting",
  resume: "serving",
} as const satisfies Record<WorkerAction, WorkerOrder>;

/**
 * Tells a worker what to do, on all servers at once: they hear of it by a trigger of the table, the worker itself with its
 * next heartbeat. drain: no new request, running answers end, it stays until `resume`; eject: as a drain, but what runs there
 * is cut off, and the worker is not asked; restart: it drains, ends, and is started again by its supervisor. Errors:
 * `not_found` for a worker that is not there, `database_unavailable`.
 */
export async function orderWorker(
  db: Database,
  actor: AuditActor,
  workerId: string,
  action: WorkerAction,
): Promise<{ id: string; url: string; order: WorkerOrder }> {
  if (!z.uuid().safeParse(workerId).success) throw unknownWorker();
  return await transact(db, async (tx) => {
    const order = orders[action];
    const [row] = await tx.worker.updateManyAndReturn({
      where: { id: workerId, leftAt: null },
      data: { order, orderedAt: new Date(), orderedBy: actor.label },
      select: { id: true, url: true, order: true },
    });
    if (row === undefined) throw unknownWorker();
    await recordAudit(tx, {
      ...{ actor, action: `worker.${action}`, targetKind: "worker", targetId: row.id },
      details: { url: row.url },
    });
    return row;
  });
}

const unknownWorker = () =>
  new AppError("not_found", { message: "There is no such worker, or it has left." });
