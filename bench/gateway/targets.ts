import { figure, markdownTable } from "../stats";
import type { ContestantName } from "./contestants";
import type { Results, ScenarioName } from "./scenarios";
import { type Figure, middle, middleRatio, type Summary } from "./summary";

export type Goal = {
  title: string;
  /** "≥" or "≤". */
  bound: "least" | "most";
  wanted: number;
  /** NaN: not measured in this run. */
  measured: number;
};

/** What one server process is to reach on two cores with keys, limits, usage and metrics on. */
export function goals(results: Results): Goal[] {
  const rounds = (name: ScenarioName, contestant: ContestantName): Summary[] =>
    results[name]?.[contestant] ?? [];
  const own = (name: ScenarioName, of: Figure): number => middle(rounds(name, "arena"), of);
  const ratio = (name: ScenarioName, to: ContestantName, of: Figure): number =>
    middleRatio(rounds(name, "arena"), rounds(name, to), of);
  const least = (title: string, wanted: number, measured: number): Goal => ({
    ...{ title, bound: "least", wanted, measured },
  });
  const most = (title: string, wanted: number, measured: number): Goal => ({
    ...{ title, bound: "most", wanted, measured },
  });
  const addedMs = own("whole-1", "totalP50Ms") - middle(rounds("whole-1", "direct"), "totalP50Ms");
  const perSecond = "requestsPerSecond";
  return [
    least("whole answers a second, 32 connections", 7_000, own("whole-32", perSecond)),
    least("the same, by Portkey's", 6, ratio("whole-32", "portkey", perSecond)),
    most("milliseconds added to the median, 1 connection", 0.4, addedMs),
    least("streams a second by direct, 32 connections", 0.75, ratio("stream-32", "direct", perSecond)),
    most("CPU of 500 slow streams by direct", 2, ratio("slow-500", "direct", "serverCpuSeconds")),
    most("TTFT p50 of 500 slow streams, ms", 3, own("slow-500", "firstTokenP50Ms")),
    most("wrong answers of 2,000 slow streams", 0, own("slow-2000", "wrong")),
  ];
}

export const isReached = ({ bound, wanted, measured }: Goal): boolean =>
  bound === "least" ? measured >= wanted : measured <= wanted;

export function goalsTable(list: readonly Goal[]): string {
  const rows = list
    .filter(({ measured }) => !Number.isNaN(measured))
    .map((goal) => [
      goal.title,
      `${goal.bound === "least" ? "≥" : "≤"} ${goal.wanted}`,
      figure(goal.measured),
      isReached(goal) ? "yes" : "no",
    ]);
  return `### Goals\n\n${markdownTable(["", "goal", "measured", "reached"], rows)}`;
}
