import { describe, expect, it } from "vitest";
import { judge } from "./judge";
import { type Kind, kinds } from "./traffic";
import type { Window } from "./window";

const each = (value: number) =>
  Object.fromEntries(kinds.map((kind) => [kind, value])) as Record<Kind, number>;

const window = (changes: Partial<Window> = {}): Window => ({
  ...{ p50: each(20), p95: each(50), slowest: each(300) },
  ...{ rssMib: 400, heapMib: 150, fds: 40, serverMs: 9, databaseMs: 4, bad: 0, count: 100, isPartial: false },
  ...changes,
});

const run = (change: (index: number) => Partial<Window>): Window[] =>
  Array.from({ length: 40 }, (_, index) => window(change(index)));

const faults = (windows: Window[]): string[] =>
  judge(windows)
    .filter(({ isGood }) => !isGood)
    .map(({ line }) => line.replace(/ {2,}/, " "));

describe("the judgement of a soak", () => {
  it("has nothing to say of a run that stays as it was, or only rises while it warms up", () => {
    expect(faults(run(() => ({})))).toEqual([]);
    expect(faults(run((index) => ({ rssMib: Math.min(400, 200 + index * 30) })))).toEqual([]);
  });

  it("sees memory and latency that rise all the time", () => {
    expect(faults(run((index) => ({ heapMib: 150 + index * 2 })))).toEqual([
      expect.stringMatching(/^heap in use RISES: mean 199\.0 MiB, rise 58\.0/),
    ]);
    expect(faults(run((index) => ({ p50: each(20 + index) })))).toHaveLength(kinds.length);
    expect(faults(run((index) => ({ databaseMs: 4 + index / 20 })))).toEqual([
      expect.stringMatching(/^CPU of PostgreSQL RISES: mean 5\.2 ms a request, rise 1\.[45]/),
    ]);
  });

  it("sees one request that stood still among thousands, also in the first minute", () => {
    const one = run((index) => (index === 3 ? { slowest: { ...each(300), vote: 20_000 } } : {}));
    expect(faults(one)).toEqual(["vote, slowest STALLS: 20000 ms"]);
  });

  it("counts what ends after the last whole window, and takes no trend from it", () => {
    const rest = { ...window({ bad: 1, count: 3, p50: each(900) }), isPartial: true };
    expect(faults([...run(() => ({})), rest])).toEqual(["4003 requests, 1 bad"]);
  });

  it("does not take a run without requests, or with one that failed, for a good one", () => {
    expect(faults(run((index) => ({ bad: index === 0 ? 1 : 0 })))).toEqual(["4000 requests, 1 bad"]);
    expect(faults(run(() => ({ count: 0 })))).toEqual(["0 requests, 0 bad"]);
  });
});
