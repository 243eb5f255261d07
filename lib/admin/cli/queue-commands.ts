import { viewQueues } from "@/lib/admin";
import { AppError } from "@/lib/errors";
import { stuckVoteMs } from "@/lib/protocol";
import type { Command } from "./command";
import { type Cell, table } from "./table";

const queues: Command = {
  name: "queues",
  usage: "",
  summary:
    "What waits and runs on all servers now, and how long the answers of the last hour took, by model.",
  operands: [],
  options: {},
  async run({ db }) {
    // Samples are dated by the database's clock, whatever this machine's says.
    const [clock] = await db.$queryRaw<{ now: Date }[]>`SELECT clock_timestamp() AS now`;
    if (clock === undefined) throw new AppError("internal");
    const view = await viewQueues(db, clock.now);
    const { servers, waiting, running } = view.now;
    const rows = view.models.map((model): Cell[] => [
      ...[model.model, model.answers, model.failed],
      ...[model.queueWait, model.firstToken, model.total].flatMap(({ median, p95 }) => [
        whole(median),
        whole(p95),
      ]),
    ]);
    const header = [
      ...["model", "answers", "failed", "wait p50", "wait p95", "first p50", "first p95"],
      ...["total p50", "total p95"],
    ];
    const { clocks, isProxyUnnamed, judging } = view.notices;
    const notices = [
      clocks.off === 0
        ? ""
        : `Clocks that are off: ${clocks.off}, the worst by ${Math.round(clocks.worstMs)} ms.\n`,
      isProxyUnnamed ? "Requests come by a proxy that TRUST_PROXY does not name.\n" : "",
      judging.oldestMs <= stuckVoteMs
        ? ""
        : `${judging.waiting} votes wait for the integrity rules, the oldest for ${Math.round(judging.oldestMs / 60_000)} min; the log says what holds them up.\n`,
      judging.setAside === 0
        ? ""
        : `${judging.setAside} votes could not be judged and are set aside; the log says why.\n`,
    ].join("");
    const now = `${waiting} wait, ${running} run, on ${servers} servers.\n`;
    const lately = `Answers of the last hour, in milliseconds:\n${table(header, rows)}`;
    return { json: view, text: `${now}${notices}${rows.length === 0 ? "" : lately}` };
  },
};

export const queueCommands: readonly Command[] = [queues];

const whole = (ms: number | null): number | null => (ms === null ? null : Math.round(ms));
