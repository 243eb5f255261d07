import { isFlat, trendOf } from "./slope";
import { kinds } from "./traffic";
import type { Window } from "./window";

export type Verdict = { line: string; isGood: boolean };

/** Heaps grow and code is compiled in the first part, which tells nothing of the rest. */
const warmUpShare = 0.25;
/** How much a line through all windows may rise, as a share of the mean. */
const tolerance = { memory: 0.1, work: 0.15, latency: 0.25 } as const;
/** A request that took so long has stood still, however quick all others were: a slope does not see it. */
const stallMs = 5_000;

/** What is to be said of a run: flat memory and latency, no request that stood still, none that failed. */
export function judge(windows: readonly Window[]): Verdict[] {
  const whole = windows.filter(({ isPartial }) => !isPartial);
  const settled = whole.slice(Math.ceil(whole.length * warmUpShare));
  const flat = (what: string, of: (window: Window) => number, allowed: number, unit: string): Verdict => {
    const trend = trendOf(settled.map(of));
    const isGood = isFlat(trend, allowed);
    const figures = `mean ${trend.mean.toFixed(1)} ${unit}, rise ${trend.rise.toFixed(1)} ± ${trend.error.toFixed(1)}`;
    return { line: `${what.padEnd(22)} ${isGood ? "flat" : "RISES"}: ${figures}`, isGood };
  };
  const latency = kinds.flatMap((kind) => [
    flat(`${kind}, median`, ({ p50 }) => p50[kind], tolerance.latency, "ms"),
    flat(`${kind}, 95 %`, ({ p95 }) => p95[kind], tolerance.latency, "ms"),
  ]);
  const slowest = kinds.map((kind) => {
    const ms = Math.max(...windows.map((window) => window.slowest[kind]));
    const isGood = ms < stallMs;
    return {
      line: `${`${kind}, slowest`.padEnd(22)} ${isGood ? "ok" : "STALLS"}: ${ms.toFixed(0)} ms`,
      isGood,
    };
  });
  const bad = windows.reduce((sum, window) => sum + window.bad, 0);
  const count = windows.reduce((sum, window) => sum + window.count, 0);
  return [
    flat("memory", ({ rssMib }) => rssMib, tolerance.memory, "MiB"),
    flat("heap in use", ({ heapMib }) => heapMib, tolerance.memory, "MiB"),
    flat("descriptors", ({ fds }) => fds, tolerance.memory, ""),
    // What a request costs: where this stays and latency rises, something else was at the processor.
    flat("CPU of the server", ({ serverMs }) => serverMs, tolerance.work, "ms a request"),
    flat("CPU of PostgreSQL", ({ databaseMs }) => databaseMs, tolerance.work, "ms a request"),
    ...latency,
    ...slowest,
    { line: `${count} requests, ${bad} bad`, isGood: bad === 0 && count > 0 },
  ];
}
