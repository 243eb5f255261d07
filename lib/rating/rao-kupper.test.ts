import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitBradleyTerry } from "./bradley-terry";
import { fitGroundedRaoKupper } from "./grounded-rao-kupper";
import { seededRandom } from "./random";
import { fitRaoKupper } from "./rao-kupper";
import {
  codeOf,
  fullBoards,
  needsData,
  pairsOf,
  puddingPairs,
  readArenaPairs,
  swapped,
  wikipediaPairs,
} from "./test-support";
import { groundedProbabilities } from "./tie-probabilities";
import type { PairCounts } from "./types";

const raoKupperLogLikelihood = (beta: Float64Array, theta: number, pairs: PairCounts[]) =>
  pairs.reduce((sum, { i, j, winI, winJ, tie, bothBad }) => {
    const a = Math.exp(beta[i] as number);
    const b = Math.exp(beta[j] as number);
    const pI = a / (a + theta * b);
    const pJ = b / (theta * a + b);
    return sum + winI * Math.log(pI) + winJ * Math.log(pJ) + (tie + bothBad) * Math.log(1 - pI - pJ);
  }, 0);

const groundedLogLikelihood = (beta: Float64Array, theta: number, pairs: PairCounts[]) =>
  pairs.reduce((sum, { i, j, ...counts }) => {
    const a = Math.exp(beta[i] as number);
    const b = Math.exp(beta[j] as number);
    const pI = a / (a + theta * b + 1);
    const pJ = b / (theta * a + b + 1);
    const ground = 1 / (1 + a + b);
    return (
      sum +
      counts.winI * Math.log(pI) +
      counts.winJ * Math.log(pJ) +
      counts.bothBad * Math.log(ground) +
      counts.tie * Math.log(1 - pI - pJ - ground)
    );
  }, 0);

/** The fit is at a maximum when a small step in any parameter makes the likelihood, written out anew, no larger. */
function expectMaximum(
  logLikelihood: (beta: Float64Array, theta: number) => number,
  fit: { beta: Float64Array; theta: number; logLikelihood: number },
) {
  const top = logLikelihood(fit.beta, fit.theta);
  expect(top).toBeCloseTo(fit.logLikelihood, 6);
  for (const step of [1e-3, -1e-3]) {
    expect(logLikelihood(fit.beta, 1 + (fit.theta - 1) * Math.exp(step))).toBeLessThan(top + 1e-9);
    fit.beta.forEach((value, k) => {
      expect(logLikelihood(fit.beta.with(k, value + step), fit.theta)).toBeLessThan(top + 1e-9);
    });
  }
}

describe("fitRaoKupper", () => {
  it("has the closed form of two models", () => {
    // 60 : 25 : 15 is π_1/(π_1 + θπ_2) = .6, π_2/(θπ_1 + π_2) = .25: δ − η = ln 1.5, −δ − η = ln(1/3).
    const { beta, theta } = fitRaoKupper(2, pairsOf([[0, 1, 60, 25, 15]]));
    expect((beta[0] as number) - (beta[1] as number)).toBeCloseTo(Math.log(1.5 * 3) / 2, 10);
    expect(Math.log(theta)).toBeCloseTo(-Math.log(1.5 / 3) / 2, 10);
  });

  it("is at the maximum on the pudding data, and close to Davidson's strengths", () => {
    const fit = fitRaoKupper(6, puddingPairs);
    expect(fit.converged).toBe(true);
    expectMaximum((beta, theta) => raoKupperLogLikelihood(beta, theta, puddingPairs), fit);
    expect(fit.pi[5]).toBeCloseTo(0.2023894, 1.7);
  });

  it("converges on any full board, whichever side models stand on", () => {
    fc.assert(
      fc.property(fullBoards, ({ modelCount, pairs }) => {
        const fit = fitRaoKupper(modelCount, pairs);
        expect(fit.converged).toBe(true);
        expect(fit.theta).toBeGreaterThan(1);
        expectMaximum((beta, theta) => raoKupperLogLikelihood(beta, theta, pairs), fit);
        expect(fitRaoKupper(modelCount, pairs.map(swapped))).toEqual(fit);
      }),
      { numRuns: 50 },
    );
  });

  it("is Bradley–Terry without ties, and refuses nothing but ties", () => {
    expect(fitRaoKupper(4, wikipediaPairs)).toMatchObject({
      theta: 1,
      beta: fitBradleyTerry(4, wikipediaPairs).beta,
    });
    expect(codeOf(() => fitRaoKupper(2, pairsOf([[0, 1, 0, 0, 3]])))).toBe("no_finite_maximum");
    expect(codeOf(() => fitRaoKupper(2, pairsOf([[0, 1, 2, 0, 3]])))).toBe("no_finite_maximum");
  });
});

describe("fitGroundedRaoKupper", () => {
  const strengths = fc.double({ min: 0.01, max: 100, noNaN: true });

  it("has four probabilities that sum to one", () => {
    fc.assert(
      fc.property(strengths, strengths, fc.double({ min: 1, max: 20, noNaN: true }), (a, b, theta) => {
        const { winI, winJ, tie, bothBad } = groundedProbabilities(a, b, theta);
        expect(winI + winJ + tie + bothBad).toBeCloseTo(1, 12);
        expect(tie).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("is at the maximum of any full board, whichever side models stand on", () => {
    fc.assert(
      fc.property(fullBoards, ({ modelCount, pairs }) => {
        const fit = fitGroundedRaoKupper(modelCount, pairs);
        expect(fit.converged).toBe(true);
        expectMaximum((beta, theta) => groundedLogLikelihood(beta, theta, pairs), fit);
        expect(fitGroundedRaoKupper(modelCount, pairs.map(swapped))).toEqual(fit);
      }),
      { numRuns: 50 },
    );
  });

  it("recovers the strengths and the threshold that votes were made from, zero included", () => {
    const pi = [4, 1.5, 1, 0.4];
    const pairs = pi.flatMap((a, i) =>
      pi.slice(i + 1).map((b, offset): PairCounts => {
        const { winI, winJ, tie, bothBad } = groundedProbabilities(a, b, 1.8);
        const n = 1000;
        return { i, j: i + 1 + offset, winI: n * winI, winJ: n * winJ, tie: n * tie, bothBad: n * bothBad };
      }),
    );
    const fit = fitGroundedRaoKupper(4, pairs);
    expect(fit.theta).toBeCloseTo(1.8, 8);
    pi.forEach((value, k) => {
      expect(fit.pi[k]).toBeCloseTo(value, 8);
    });
  });

  it("puts models that never met on one scale, by what was bad", () => {
    const good: Omit<PairCounts, "i" | "j"> = { winI: 20, winJ: 20, tie: 20, bothBad: 3 };
    const poor: Omit<PairCounts, "i" | "j"> = { winI: 20, winJ: 20, tie: 3, bothBad: 60 };
    const { beta, converged } = fitGroundedRaoKupper(4, [
      { i: 0, j: 1, ...good },
      { i: 2, j: 3, ...poor },
    ]);
    expect(converged).toBe(true);
    expect(beta[0]).toBeGreaterThan((beta[2] as number) + 1);
  });

  it("refuses votes without ties, without bad ones, or with a model that nothing bounds", () => {
    const pair = { i: 0, j: 1, winI: 5, winJ: 5, tie: 5, bothBad: 5 };
    expect(codeOf(() => fitGroundedRaoKupper(2, [{ ...pair, tie: 0 }]))).toBe("no_finite_maximum");
    expect(codeOf(() => fitGroundedRaoKupper(2, [{ ...pair, bothBad: 0 }]))).toBe("no_finite_maximum");
    const unbeaten = { i: 2, j: 0, winI: 5, winJ: 0, tie: 0, bothBad: 0 };
    expect(codeOf(() => fitGroundedRaoKupper(3, [pair, unbeaten]))).toBe("no_finite_maximum");
    expect(codeOf(() => fitGroundedRaoKupper(3, [pair]))).toBe("no_finite_maximum");
  });

  it("converges on sparse votes with a seed's worth of luck", () => {
    const random = seededRandom(21);
    for (let board = 0; board < 30; board++) {
      const draw = () => 1 + Math.floor(random() ** 4 * 200);
      const pairs = [
        [0, 1],
        [1, 2],
        [0, 2],
      ].map(([i = 0, j = 0]) => ({
        i,
        j,
        winI: draw(),
        winJ: draw(),
        tie: draw(),
        bothBad: draw(),
      }));
      const fit = fitGroundedRaoKupper(3, pairs);
      expect(fit.converged).toBe(true);
      expectMaximum((beta, theta) => groundedLogLikelihood(beta, theta, pairs), fit);
    }
  });
});

const arena = needsData("the Chatbot Arena votes, with ties modelled", "lmarena_pairs_20240814.json");
describe.skipIf(arena.isAbsent)(arena.title, () => {
  it("converge in both models", () => {
    const { models, pairs } = readArenaPairs();
    const threshold = fitRaoKupper(models.length, pairs);
    const grounded = fitGroundedRaoKupper(models.length, pairs);
    expect(threshold).toMatchObject({ converged: true });
    expect(grounded).toMatchObject({ converged: true });
    expect(threshold.gradientNorm).toBeLessThan(1e-4);
    expect(grounded.gradientNorm).toBeLessThan(1e-3);
    const best = models.indexOf("chatgpt-4o-latest");
    expect(Math.max(...grounded.beta)).toBe(grounded.beta[best]);
    expect(Math.max(...threshold.beta)).toBe(threshold.beta[best]);
  });
});
