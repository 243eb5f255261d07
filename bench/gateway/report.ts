import { figure, markdownTable } from "../stats";
import type { ContestantName } from "./contestants";
import { type Results, type ScenarioName, scenarios } from "./scenarios";
import { type Figure, middle, middleRatio, type Summary } from "./summary";

type Column = { head: string; of: Figure };

const loopColumns: readonly Column[] = [
  { head: "requests/s", of: "requestsPerSecond" },
  { head: "p50 ms", of: "totalP50Ms" },
  { head: "p99 ms", of: "totalP99Ms" },
  { head: "TTFT p50 ms", of: "firstTokenP50Ms" },
  { head: "CPU s / 1,000", of: "serverCpuPerThousand" },
  { head: "peak RSS MiB", of: "serverPeakRssMib" },
];
const slowColumns: readonly Column[] = [
  { head: "TTFT p50 ms", of: "firstTokenP50Ms" },
  { head: "TTFT p99 ms", of: "firstTokenP99Ms" },
  { head: "gap p50 ms", of: "gapP50Ms" },
  { head: "gap p99 ms", of: "gapP99Ms" },
  { head: "CPU s", of: "serverCpuSeconds" },
  { head: "peak RSS MiB", of: "serverPeakRssMib" },
];

/** One Markdown table for each scenario: medians over the rounds, and ratios to the upstream without anything before it. */
export function report(results: Results): string {
  return Object.entries(results)
    .map(([name, byName]) => section(name as ScenarioName, byName))
    .join("\n\n");
}

function section(name: ScenarioName, byName: Partial<Record<ContestantName, Summary[]>>): string {
  const isSlow = "streams" in scenarios[name];
  const columns = isSlow ? slowColumns : loopColumns;
  const ratioOf: Figure = isSlow ? "serverCpuSeconds" : "requestsPerSecond";
  const base = byName.direct ?? [];
  const head = ["", ...columns.map(({ head }) => head), isSlow ? "CPU ×" : "requests ×", "wrong", "retried"];
  const rows = Object.entries(byName).map(([contestant, rounds]) => [
    contestant,
    ...columns.map(({ of }) => figure(middle(rounds, of))),
    figure(middleRatio(rounds, base, ratioOf)),
    String(total(rounds, "wrong")),
    String(total(rounds, "retried")),
  ]);
  return `### ${scenarios[name].title}\n\n${markdownTable(head, rows)}`;
}

const total = (rounds: readonly Summary[], of: Figure): number =>
  rounds.reduce((sum, round) => sum + round[of], 0);

/** One line of progress. */
export function measuredLine(name: ScenarioName, contestant: ContestantName, summary: Summary): string {
  const { requests, wrong, firstFault } = summary;
  const speed = `${figure(summary.requestsPerSecond)} requests/s`;
  const cpu = `${figure(summary.serverCpuPerThousand)} CPU s / 1,000`;
  const load = `load ${figure(summary.clientCpuSeconds)} CPU s of ${figure(summary.wallSeconds)} s`;
  const faults = wrong === 0 ? "all right" : `${wrong} WRONG, first: ${firstFault}`;
  return `${name} ${contestant}: ${requests} requests, ${faults}; ${speed}, ${cpu}, ${load}`;
}
