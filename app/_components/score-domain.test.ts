import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { positionOf, scoreDomain } from "./score-domain";

const options = { step: 40, maxTicks: 8, margin: 0.08 };

describe("scoreDomain", () => {
  it("holds both intervals of a reveal with ticks at round forties", () => {
    const domain = scoreDomain(
      [
        { lower: 1014, upper: 1034 },
        { lower: 890, upper: 950 },
      ],
      options,
    );
    expect(domain.ticks).toEqual([880, 920, 960, 1000, 1040]);
    expect(domain.min).toBeLessThan(890);
    expect(domain.max).toBeGreaterThan(1034);
  });

  it("does not magnify a short interval", () => {
    const domain = scoreDomain([{ lower: 999, upper: 1001 }], options);
    expect(domain.max - domain.min).toBeCloseTo(160);
    expect(positionOf(1000, domain)).toBeCloseTo(50);
  });

  it("keeps every bound inside and the ticks few, round and even", () => {
    const interval = fc
      .tuple(fc.double({ min: -2000, max: 4000, noNaN: true }), fc.double({ min: 0, max: 3000, noNaN: true }))
      .map(([lower, width]) => ({ lower, upper: lower + width }));
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 12 }), (intervals) => {
        const domain = scoreDomain(intervals, options);
        for (const { lower, upper } of intervals) {
          expect(positionOf(lower, domain)).toBeGreaterThan(0);
          expect(positionOf(upper, domain)).toBeLessThan(100);
        }
        expect(domain.ticks.length).toBeLessThanOrEqual(options.maxTicks);
        expect(domain.ticks.length).toBeGreaterThan(0);
        for (const tick of domain.ticks) expect(Math.abs(tick % 40)).toBe(0);
      }),
    );
  });
});
