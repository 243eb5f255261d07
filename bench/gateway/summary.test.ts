import { describe, expect, it } from "vitest";
import { allocations } from "./allocations";
import { selfTimes } from "./self-time";
import { middleRatio, summarize } from "./summary";
import { goals, goalsTable, isReached } from "./targets";

const answer = (totalMs: number, error: string | null = null) => ({
  ...{ error, isRetried: false, totalMs },
  ...{ firstByteMs: 1, firstTokenMs: totalMs / 2, gapsMs: [totalMs] },
});
const measured = (results: ReturnType<typeof answer>[], cpuSeconds = 1) =>
  summarize({
    ...{ results, wallSeconds: 2 },
    server: { cpuSeconds, peakRssMib: 100 },
    client: { cpuSeconds: 1, lagP99Ms: 1 },
  });

describe("the figures", () => {
  it("count right answers only", () => {
    const summary = measured([answer(1), answer(3), answer(1000, "cut short")]);
    expect(summary).toMatchObject({
      ...{ requests: 3, wrong: 1, firstFault: "cut short", requestsPerSecond: 1 },
      ...{ totalP50Ms: 2, firstTokenP50Ms: 1, longestGapMs: 3, serverCpuPerThousand: 500 },
    });
  });

  it("are compared within a round", () => {
    const own = [measured([answer(2)]), measured([answer(20)]), measured([answer(200)])];
    const base = [measured([answer(1)]), measured([answer(10)]), measured([answer(100)])];
    expect(middleRatio(own, base, "totalP50Ms")).toBe(2);
  });
});

describe("the goals", () => {
  it("leave out what was not measured, and judge in the right direction", () => {
    const results = {
      "slow-500": { direct: [measured([answer(1)], 1)], arena: [measured([answer(5)], 1.5)] },
      "slow-2000": { arena: [measured([answer(1), answer(1, "cut short")])] },
    };
    const byTitle = new Map(goals(results).map((goal) => [goal.title, goal]));
    const reached = (title: string) => {
      const goal = byTitle.get(title);
      return goal === undefined ? null : isReached(goal);
    };
    expect(reached("CPU of 500 slow streams by direct")).toBe(true);
    expect(reached("TTFT p50 of 500 slow streams, ms")).toBe(true);
    expect(reached("wrong answers of 2,000 slow streams")).toBe(false);
    expect(goalsTable(goals(results))).not.toContain("whole answers a second");
  });
});

describe("a profile", () => {
  it("of allocations is summed by function over all stacks", () => {
    const callFrame = (functionName: string) => ({ functionName, url: "file:///x/a.js", lineNumber: 4 });
    const leaf = (name: string, selfSize: number) => ({ callFrame: callFrame(name), selfSize, children: [] });
    const middle = { ...leaf("f", 300), children: [leaf("g", 100), leaf("f", 500)] };
    const head = { ...leaf("(root)", 0), children: [middle, leaf("g", 100)] };
    expect(allocations(head)).toEqual([
      { name: "f", place: "/x/a.js:5", bytes: 800, share: 0.8 },
      { name: "g", place: "/x/a.js:5", bytes: 200, share: 0.2 },
    ]);
  });

  it("is summed by function, without the time in which nothing ran", () => {
    const frame = (functionName: string, lineNumber: number) => ({
      ...{ functionName, lineNumber },
      url: functionName === "(idle)" ? "" : "file:///x/node_modules/a/b.js",
    });
    const nodes = [
      { id: 1, callFrame: frame("f", 4) },
      { id: 2, callFrame: frame("(idle)", -1) },
      { id: 3, callFrame: frame("f", 4) },
      { id: 4, callFrame: frame("g", 9) },
    ];
    // Microseconds; each sample lasts until the next one.
    const profile = { nodes, samples: [1, 2, 3, 4, 4], timeDeltas: [7, 1000, 5000, 2000, 1000] };
    expect(selfTimes(profile)).toEqual([
      { name: "f", place: "a/b.js:5", ms: 3, share: 0.75 },
      { name: "g", place: "a/b.js:10", ms: 1, share: 0.25 },
    ]);
  });
});
