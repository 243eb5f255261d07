import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalCdf } from "./normal";
import { byStrength, intervalTiers, probabilityBetter, rankSpread, tiers } from "./rank";
import { codeOf } from "./test-support";

/** Independent scores with these standard errors. */
const diagonal = (errors: number[]) => {
  const values = new Float64Array(errors.length ** 2);
  errors.forEach((error, k) => {
    values[k * errors.length + k] = error ** 2;
  });
  return { size: errors.length, values };
};

describe("rankSpread", () => {
  it("counts the intervals that lie wholly above, and those that do not lie wholly below", () => {
    const lower = Float64Array.of(10, 8, 1, 2);
    const upper = Float64Array.of(12, 11, 9, 3);
    const { best, worst } = rankSpread(lower, upper);
    expect([...best]).toEqual([1, 1, 2, 3]);
    expect([...worst]).toEqual([2, 3, 4, 4]);
  });

  it("always holds the rank by the middle of the interval", () => {
    const interval = fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 30 }));
    fc.assert(
      fc.property(fc.array(interval, { minLength: 1, maxLength: 12 }), (intervals) => {
        const centre = Float64Array.from(intervals, ([c]) => c);
        const lower = Float64Array.from(intervals, ([c, half]) => c - half);
        const upper = Float64Array.from(intervals, ([c, half]) => c + half);
        const { best, worst } = rankSpread(lower, upper);
        byStrength(centre).forEach((model, place) => {
          expect(best[model]).toBeLessThanOrEqual(place + 1);
          expect(worst[model]).toBeGreaterThanOrEqual(place + 1);
        });
      }),
    );
  });

  it("refuses intervals of different lengths", () => {
    expect(codeOf(() => rankSpread(Float64Array.of(1), Float64Array.of(1, 2)))).toBe("bad_argument");
  });
});

describe("tiers", () => {
  it("lets each leader take along all that it does not separate from", () => {
    // 100 leads; 97 is within 1.96·√2 of it, 96 is not; the vague 90 may be as good as the leader.
    const values = Float64Array.of(96, 100, 97.5, 90, 95);
    expect([...tiers(values, diagonal([1, 1, 1, 9, 1]))]).toEqual([2, 1, 1, 1, 2]);
  });

  it("is one tier where nothing is known, and one model a tier where all is", () => {
    const values = Float64Array.of(3, 1, 2);
    expect([...tiers(values, diagonal([50, 50, 50]))]).toEqual([1, 1, 1]);
    expect([...tiers(values, diagonal([0, 0, 0]))]).toEqual([1, 3, 2]);
  });
});

describe("probabilityBetter", () => {
  it("is Φ of the standardised gap, and its complement from the other side", () => {
    const values = Float64Array.of(2, 0);
    const matrix = { size: 2, values: Float64Array.of(1, 0.5, 0.5, 1) };
    expect(probabilityBetter(values, matrix, 0, 1)).toBeCloseTo(0.977249868051821, 14);
    expect(probabilityBetter(values, matrix, 1, 0)).toBeCloseTo(1 - 0.977249868051821, 14);
    expect(probabilityBetter(values, matrix, 1, 1)).toBe(0.5);
    expect(probabilityBetter(values, diagonal([0, 0]), 0, 1)).toBe(1);
  });

  it("uses Φ to fifteen digits", () => {
    expect(normalCdf(0)).toBe(0.5);
    expect(normalCdf(1.959963984540054)).toBeCloseTo(0.975, 15);
    expect(normalCdf(-1)).toBeCloseTo(0.158655253931457, 15);
    expect(normalCdf(-8) / 6.22096057427178e-16).toBeCloseTo(1, 7);
    expect(normalCdf(-40)).toBe(0);
    expect(normalCdf(40)).toBe(1);
  });
});

describe("intervalTiers", () => {
  const of = (rows: readonly (readonly [score: number, halfWidth: number])[]) => {
    const values = Float64Array.from(rows, ([score]) => score);
    const lower = Float64Array.from(rows, ([score, half]) => score - half);
    const upper = Float64Array.from(rows, ([score, half]) => score + half);
    return [...intervalTiers(values, lower, upper)];
  };

  it("ends a tier at the first model whose interval does not reach the leader's lower bound", () => {
    expect(
      of([
        [1118, 10],
        [1111, 10],
        [1103, 10],
        [1089, 11],
        [1071, 10],
      ]),
    ).toEqual([1, 1, 1, 2, 2]);
    // 1047 ± 26 reaches 1108 − 10 no more than its neighbours did: a tier is never interrupted.
    expect(
      of([
        [1100, 10],
        [1060, 5],
        [1055, 60],
      ]),
    ).toEqual([1, 2, 2]);
  });

  it("takes touching intervals together and does not depend on the order of the models", () => {
    expect(
      of([
        [1000, 10],
        [1020, 10],
      ]),
    ).toEqual([1, 1]);
    expect(
      of([
        [1000, 9],
        [1020, 10],
      ]),
    ).toEqual([2, 1]);
  });
});
