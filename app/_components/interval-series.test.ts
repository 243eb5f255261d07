import { describe, expect, it } from "vitest";
import { bandPath, linePath, runsOf, sharedSpan, timeScale, toSeries } from "./interval-series";

const point = (at: number, score: number, half = 10) => ({
  at,
  score,
  lower: score - half,
  upper: score + half,
});
const same = (value: number) => value;

describe("a series of scores", () => {
  it("is broken where there was no score", () => {
    const series = [point(0, 1), point(1, 2), null, point(3, 4)];
    expect(runsOf(series).map((run) => run.length)).toEqual([2, 1]);
    expect(linePath(series, same, same)).toBe("M0.0 1.0L1.0 2.0M3.0 4.0");
    expect(linePath([null], same, same)).toBe("");
  });

  it("has a closed band around its intervals, none around a single fit", () => {
    expect(bandPath([point(0, 0, 1), point(1, 0, 2)], same, same)).toBe(
      "M0.0 1.0L1.0 2.0L1.0 -2.0L0.0 -1.0Z",
    );
    expect(bandPath([point(0, 0)], same, same)).toBe("");
  });

  it("runs from the first fit to the last; a single one is now", () => {
    const x = timeScale([10, 20, 30], 100);
    expect([x(10), x(20), x(30)]).toEqual([0, 50, 100]);
    expect(timeScale([10], 100)(10)).toBe(100);
  });

  it("reads what the server sends", () => {
    const at = "2026-01-01T00:00:00.000Z";
    expect(
      toSeries([
        { at, score: [1000, 990, 1010] },
        { at, score: null },
      ]),
    ).toEqual([{ at: Date.parse(at), score: 1000, lower: 990, upper: 1010 }, null]);
  });

  it("shares a span that first, wide intervals do not blow up", () => {
    expect(sharedSpan([[point(0, 1000, 900), point(1, 1000, 80)]])).toBe(160);
    expect(sharedSpan([[point(0, 1000, 5), point(1, 1000, 5)]])).toBe(100);
    expect(sharedSpan([[point(0, 1000, 5000)]])).toBe(600);
    expect(sharedSpan([])).toBe(100);
  });
});
