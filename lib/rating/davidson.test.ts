import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitBradleyTerry } from "./bradley-terry";
import { fitDavidson } from "./davidson";
import { codeOf, fullBoards, pairsOf, puddingPairs, swapped, wikipediaPairs } from "./test-support";

describe("fitDavidson", () => {
  it("reproduces the pudding data of Davidson (1970)", () => {
    const { pi, nu, converged } = fitDavidson(6, puddingPairs);
    expect(converged).toBe(true);
    // The last value is .20238934 at the maximum: the published digits sum to 1.0000001.
    const published = [0.1388034, 0.1730015, 0.1617474, 0.165373, 0.1586854, 0.2023894];
    published.forEach((value, k) => {
      expect(Math.abs((pi[k] as number) - value)).toBeLessThan(1e-7);
    });
    expect(nu).toBeCloseTo(0.746823, 7);
  });

  it("is Bradley–Terry where nobody ever ties", () => {
    const { beta, nu } = fitDavidson(4, wikipediaPairs);
    expect(nu).toBe(0);
    expect(beta).toEqual(fitBradleyTerry(4, wikipediaPairs).beta);
  });

  it("matches wins plus half the ties, and the number of ties, exactly", () => {
    fc.assert(
      fc.property(fullBoards, ({ modelCount, pairs }) => {
        const { pi, nu, converged } = fitDavidson(modelCount, pairs);
        expect(converged).toBe(true);
        const excess = new Float64Array(modelCount);
        let ties = 0;
        for (const pair of pairs) {
          const a = pi[pair.i] as number;
          const b = pi[pair.j] as number;
          const middle = nu * Math.sqrt(a * b);
          const n = pair.winI + pair.winJ + pair.tie + pair.bothBad;
          const half = (pair.tie + pair.bothBad) / 2;
          const share = (a + middle / 2) / (a + b + middle);
          excess[pair.i] = (excess[pair.i] as number) + pair.winI + half - n * share;
          excess[pair.j] = (excess[pair.j] as number) + pair.winJ + half - n * (1 - share);
          ties += pair.tie + pair.bothBad - (n * middle) / (a + b + middle);
        }
        expect(ties).toBeCloseTo(0, 7);
        for (const value of excess) expect(value).toBeCloseTo(0, 7);
      }),
    );
  });

  it("does not care about sides", () => {
    fc.assert(
      fc.property(fullBoards, ({ modelCount, pairs }) => {
        expect(fitDavidson(modelCount, pairs.map(swapped))).toEqual(fitDavidson(modelCount, pairs));
      }),
    );
  });

  it("refuses votes that do not bound the tie parameter", () => {
    expect(codeOf(() => fitDavidson(2, pairsOf([[0, 1, 0, 0, 5]])))).toBe("no_finite_maximum");
    expect(codeOf(() => fitDavidson(2, pairsOf([[0, 1, 3, 0, 5]])))).toBe("no_finite_maximum");
    const oneTieClosesTheCycle = pairsOf([
      [0, 1, 1, 0],
      [1, 2, 1, 0],
      [2, 0, 0, 0, 1],
    ]);
    const { converged, gradientNorm } = fitDavidson(3, oneTieClosesTheCycle);
    expect(converged).toBe(true);
    expect(gradientNorm).toBeLessThan(1e-6);
  });
});
