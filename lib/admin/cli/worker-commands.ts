import { listWorkers, orderWorker } from "@/lib/admin";
import type { WorkerAction } from "@/lib/protocol";
import type { Command } from "./command";
import { table } from "./table";

const workersList: Command = {
  name: "workers list",
  usage: "[--all]",
  summary: "The workers, with their device, models and load; --all: those that have left too.",
  operands: [],
  options: { all: { type: "boolean" } },
  async run({ db, now, values }) {
    const workers = await listWorkers(db, { all: values["all"] === true, now });
    const header = [
      "worker",
      "order",
      "device",
      "engine",
      "pool",
      "models",
      "slots",
      "tokens/s",
      "heartbeat",
      "address",
    ];
    const rows = workers.map((worker) => [
      worker.id,
      worker.order,
      worker.device,
      `${worker.engine} ${worker.version}`,
      worker.pool,
      worker.models.join(","),
      `${worker.busySlots}/${worker.slots}${worker.queued > 0 ? ` +${worker.queued}` : ""}`,
      worker.tokensPerSecond === null ? null : Math.round(worker.tokensPerSecond),
      worker.leftAt === null ? ago(worker.heartbeatAt, now) : "left",
      worker.url,
    ]);
    return { json: workers, text: table(header, rows) };
  },
};

const said: Record<WorkerAction, string> = {
  drain: "takes nothing new and finishes what runs; resume takes it back",
  eject: "is out, and what ran there is cut off; resume takes it back",
  restart: "drains, ends, and is started again by its supervisor",
  resume: "serves again",
};

const summaries: Record<WorkerAction, string> = {
  drain: "No new request; running answers end; it stays until resumed.",
  eject: "Out at once on all servers, also for a worker that does not answer; running answers are cut off.",
  restart: "Drain, end, and be started again by the supervisor (exit code 75).",
  resume: "Take a drain or an ejection back.",
};

const orderCommand = (action: WorkerAction): Command => ({
  name: `workers ${action}`,
  usage: "WORKER",
  summary: summaries[action],
  operands: ["WORKER"],
  options: {},
  async run({ db, actor, positionals }) {
    const worker = await orderWorker(db, actor, positionals[0] ?? "", action);
    return { json: worker, text: `${worker.url} ${said[action]}.\n` };
  },
});

export const workerCommands: readonly Command[] = [
  workersList,
  ...(["drain", "eject", "restart", "resume"] as const).map(orderCommand),
];

function ago(then: Date, now: Date): string {
  const seconds = Math.max(0, Math.round((now.getTime() - then.getTime()) / 1_000));
  return seconds < 120 ? `${seconds} s ago` : `${Math.round(seconds / 60)} min ago`;
}
