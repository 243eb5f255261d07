import { describe, expect, it } from "vitest";
import { poolBins } from "./pool-bins";

const bin = (from: number, votes: number, observed: number) => ({
  ...{ from, to: from + 0.05, votes, observed, predicted: from + 0.025, standardError: 0 },
});

describe("pooled bins", () => {
  it("leave no bin of few votes beside others, and lose no vote", () => {
    const pooled = poolBins([bin(0.5, 40, 0.5), bin(0.55, 70, 0.6), bin(0.6, 500, 0.62), bin(0.65, 3, 1)]);
    expect(pooled.map(({ votes }) => votes)).toEqual([110, 503]);
    expect(pooled[0]?.from).toBe(0.5);
    expect(pooled[0]?.to).toBeCloseTo(0.6, 12);
    expect(pooled[0]?.observed).toBeCloseTo((40 * 0.5 + 70 * 0.6) / 110, 12);
    expect(pooled[1]?.to).toBeCloseTo(0.7, 12);
  });

  it("keep what there is where all of it is little", () => {
    expect(poolBins([bin(0.5, 5, 1), bin(0.55, 4, 0)])).toHaveLength(1);
    expect(poolBins([])).toEqual([]);
  });

  it("have an interval of a positive width even where all went one way", () => {
    const [only] = poolBins([bin(0.9, 120, 1)]);
    expect(only?.upper).toBe(1);
    expect(only?.lower).toBeCloseTo(120 / (120 + 1.96 ** 2), 6);
  });
});
