import { median, quantile } from "../stats";
import type { Measured } from "./load";

/** The figures of one measurement. Times in milliseconds, of right answers only; NaN where there is none. */
export type Summary = {
  requests: number;
  /** Wrong, cut short, refused or late. */
  wrong: number;
  firstFault: string | null;
  retried: number;
  wallSeconds: number;
  requestsPerSecond: number;
  totalP50Ms: number;
  totalP99Ms: number;
  firstTokenP50Ms: number;
  firstTokenP99Ms: number;
  gapP50Ms: number;
  gapP99Ms: number;
  longestGapMs: number;
  serverCpuSeconds: number;
  serverCpuPerThousand: number;
  serverPeakRssMib: number;
  clientCpuSeconds: number;
  clientLagP99Ms: number;
};

export function summarize({ results, wallSeconds, server, client }: Measured): Summary {
  const right = results.filter(({ error }) => error === null);
  const total = right.map(({ totalMs }) => totalMs);
  const firstToken = right.flatMap(({ firstTokenMs }) => firstTokenMs ?? []);
  const gaps = right.flatMap(({ gapsMs }) => gapsMs);
  const cpuSeconds = server?.cpuSeconds ?? Number.NaN;
  return {
    requests: results.length,
    wrong: results.length - right.length,
    firstFault: results.find(({ error }) => error !== null)?.error ?? null,
    retried: results.filter(({ isRetried }) => isRetried).length,
    wallSeconds,
    requestsPerSecond: right.length / wallSeconds,
    totalP50Ms: median(total),
    totalP99Ms: quantile(total, 0.99),
    firstTokenP50Ms: median(firstToken),
    firstTokenP99Ms: quantile(firstToken, 0.99),
    gapP50Ms: median(gaps),
    gapP99Ms: quantile(gaps, 0.99),
    longestGapMs: quantile(gaps, 1),
    serverCpuSeconds: cpuSeconds,
    serverCpuPerThousand: (cpuSeconds / right.length) * 1000,
    serverPeakRssMib: server?.peakRssMib ?? Number.NaN,
    clientCpuSeconds: client.cpuSeconds,
    clientLagP99Ms: client.lagP99Ms,
  };
}

export type Figure = Exclude<keyof Summary, "firstFault">;

/** The median of a figure over the rounds. */
export const middle = (rounds: readonly Summary[], figure: Figure): number =>
  median(rounds.map((round) => round[figure]));

/** The median over the rounds of one contestant's figure by another's in the same round: what else the machine did falls on both. */
export function middleRatio(rounds: readonly Summary[], base: readonly Summary[], figure: Figure): number {
  return median(rounds.map((round, index) => round[figure] / (base[index]?.[figure] ?? Number.NaN)));
}
