import type { Controller, WorkerView } from "@/lib/controller";
import { type Database, databaseError } from "@/lib/db";
import type { AdminWorker, AdminWorkers, WorkerState } from "@/lib/protocol";
import { readQueue } from "../queues/server-samples";
import { type RecentAnswers, recentAnswers } from "./recent-answers";
import { type SpeedHistory, speedOf } from "./speed-history";

export const recentMs = 15 * 60_000;
/** From here on a worker that answers is called slow. */
const slowMs = 2_000;

export type ViewWorkersDeps = {
  db: Database;
  controller: Pick<Controller, "workers">;
  speeds: SpeedHistory;
  heartbeatMs: number;
  clock: { databaseNow(): Date };
};

/** The workers as this server sees them, with what the database knows of all servers. Errors: `database_unavailable`. */
export async function viewWorkers(deps: ViewWorkersDeps, now = new Date()): Promise<AdminWorkers> {
  const { db, controller, speeds, heartbeatMs, clock } = deps;
  const workers = controller.workers().filter(({ health }) => health !== "leaving");
  const [recent, queue, orders] = await Promise.all([
    recentAnswers(db, new Date(now.getTime() - recentMs)),
    readQueue(db, clock.databaseNow()),
    ordersOf(db, workers),
  ]);
  const views = workers.map((worker): AdminWorker => {
    const { orderedBy = null, orderedAt = null } = orders.get(worker.id) ?? {};
    const { id, engine, version, device, pool, slots, busySlots, queued, order, errorsInARow } = worker;
    return {
      ...{ id, engine, version, device, pool, slots, busySlots, queued, order, errorsInARow },
      address: URL.canParse(worker.url) ? new URL(worker.url).host : worker.url,
      models: [...worker.models],
      onlyHere: worker.models.filter((model) => !workers.some((other) => serves(other, model, worker))),
      tokensPerSecond: speedOf(worker),
      speedHistory: speeds.of(id),
      firstTokenMs: recent.byWorker.get(id) ?? null,
      state: stateOf(worker, recent, now.getTime() - worker.heartbeatAt.getTime() > 2 * heartbeatMs),
      orderedBy,
      orderedAt,
      ejectedUntil: worker.ejectedUntil,
      heartbeatAt: worker.heartbeatAt,
    };
  });
  const answering = workers.filter(({ health }) => health === "healthy" || health === "draining");
  const sum = (read: (worker: WorkerView) => number) =>
    answering.reduce((total, worker) => total + read(worker), 0);
  return {
    workers: views.sort((a, b) => (a.address < b.address ? -1 : 1)),
    figures: {
      busySlots: sum(({ busySlots, slots }) => Math.min(busySlots, slots)),
      slots: sum(({ slots }) => slots),
      tokensPerSecond: sum((worker) => speedOf(worker) ?? 0),
      waiting: queue.waiting + sum(({ queued }) => queued),
      firstTokenMedianMs: recent.medianMs,
      firstTokenP99Ms: recent.p99Ms,
      answers: recent.answers,
      failed: recent.failed,
    },
    heartbeatMs,
    notices: queue.notices,
    at: now,
  };
}

const serves = (other: WorkerView, model: string, than: WorkerView): boolean =>
  other.id !== than.id && other.health === "healthy" && other.models.includes(model);

export function stateOf(worker: WorkerView, recent: RecentAnswers, isSilent: boolean): WorkerState {
  const { health, order, busySlots, outstanding } = worker;
  if (order === "ejected") return "ejected";
  if (health === "out") return isSilent ? "silent" : "unreachable";
  if (order === "restarting") return "restarting";
  if (order === "draining") return busySlots === 0 && outstanding === 0 ? "drained" : "draining";
  if (health === "ejected") return "failing";
  return (recent.byWorker.get(worker.id) ?? 0) > slowMs ? "slow" : "healthy";
}

async function ordersOf(db: Database, workers: readonly WorkerView[]) {
  const ordered = workers.filter(({ order }) => order !== "serving").map(({ id }) => id);
  if (ordered.length === 0) return new Map<string, { orderedBy: string | null; orderedAt: Date | null }>();
  try {
    const rows = await db.worker.findMany({
      where: { id: { in: ordered } },
      select: { id: true, orderedBy: true, orderedAt: true },
    });
    return new Map(rows.map(({ id, ...row }) => [id, row]));
  } catch (error) {
    throw databaseError(error);
  }
}
