import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitBradleyTerry } from "./bradley-terry";
import { factorCholesky } from "./cholesky";
import { differenceError, modelCovariance, sandwichCovariance } from "./covariance";
import { seededRandom } from "./random";
import { codeOf, fullBoards, simulateVotes } from "./test-support";
import { type Covariance, Z_95 } from "./types";

describe("covariance of a fit", () => {
  it("has the closed form of two models", () => {
    const fit = fitBradleyTerry(2, [{ i: 0, j: 1, winI: 6, winJ: 1, tie: 2, bothBad: 1 }]);
    const p = 0.75;
    const information = 10 * p * (1 - p);
    const meat = 6 * (1 - p) ** 2 + p ** 2 + 3 * (0.5 - p) ** 2;
    expect(differenceError(modelCovariance(fit), 0, 1)).toBeCloseTo(Math.sqrt(1 / information), 12);
    expect(differenceError(sandwichCovariance(fit), 0, 1)).toBeCloseTo(Math.sqrt(meat) / information, 12);
  });

  it("is symmetric, positive semidefinite, and has rows that sum to zero", () => {
    fc.assert(
      fc.property(fullBoards, ({ modelCount, pairs }) => {
        const fit = fitBradleyTerry(modelCount, pairs);
        for (const { values } of [modelCovariance(fit), sandwichCovariance(fit)]) {
          const lifted = values.slice();
          for (let row = 0; row < modelCount; row++) {
            let sum = 0;
            for (let column = 0; column < modelCount; column++) {
              sum += values[row * modelCount + column] as number;
              expect(values[row * modelCount + column]).toBe(values[column * modelCount + row]);
              // 11ᵀ fills the one direction in which the matrix is flat, so a Cholesky factor must exist.
              lifted[row * modelCount + column] = (values[row * modelCount + column] as number) + 1;
            }
            expect(sum).toBeCloseTo(0, 9);
          }
          expect(factorCholesky(lifted, modelCount, lifted)).toBe(true);
        }
      }),
    );
  });

  it("falls as 1 / votes, and follows the models when they are renamed", () => {
    fc.assert(
      fc.property(fullBoards, ({ modelCount, pairs }) => {
        const { values } = sandwichCovariance(fitBradleyTerry(modelCount, pairs));
        const tenfold = pairs.flatMap((pair) => Array.from({ length: 10 }, () => pair));
        const last = modelCount - 1;
        const renamed = pairs.map((pair) => ({ ...pair, i: last - pair.i, j: last - pair.j }));
        const fewer = sandwichCovariance(fitBradleyTerry(modelCount, tenfold)).values;
        const moved = sandwichCovariance(fitBradleyTerry(modelCount, renamed)).values;
        values.forEach((value, at) => {
          expect((fewer[at] as number) * 10).toBeCloseTo(value, 9);
          expect(moved[values.length - 1 - at]).toBeCloseTo(value, 9);
        });
      }),
    );
  });

  it("does not claim certainty from two ties when told to be cautious", () => {
    const fit = fitBradleyTerry(2, [{ i: 0, j: 1, winI: 0, winJ: 0, tie: 2, bothBad: 0 }]);
    expect(differenceError(sandwichCovariance(fit), 0, 1)).toBe(0);
    const cautious = differenceError(sandwichCovariance(fit, { cautionVotes: 10 }), 0, 1);
    const byModel = differenceError(modelCovariance(fit), 0, 1);
    expect(cautious).toBeCloseTo(byModel * Math.sqrt(10 / 12), 12);
    expect(codeOf(() => sandwichCovariance(fit, { cautionVotes: -1 }))).toBe("bad_argument");
  });

  it("uses the votes themselves, not their weights, as evidence", () => {
    // Equal counts in every pair: weighting changes nothing, so the intervals may not change either.
    const pairs = simulateVotes([0.5, 0, -0.5], 200, 0.3, seededRandom(1));
    const plain = fitBradleyTerry(3, pairs);
    const weighted = fitBradleyTerry(3, pairs, { weighting: "pairs" });
    for (const covariance of [modelCovariance, sandwichCovariance]) {
      const expected = covariance(plain).values;
      covariance(weighted).values.forEach((value, at) => {
        expect(value).toBeCloseTo(expected[at] as number, 10);
      });
    }
  });

  it("covers the truth at its nominal rate, where coins are fair and where a third of votes are ties", () => {
    const beta = [0.8, 0.3, 0, -0.4, -0.7];
    expect(coverage(sandwichCovariance, beta, beta, 0)).toBeCloseTo(0.95, 1.5);
    expect(coverage(modelCovariance, beta, beta, 0)).toBeCloseTo(0.95, 1.5);
    // Under many ties the half-rule estimates the fit to infinitely many votes, and only the sandwich is honest.
    const limit = [...fitBradleyTerry(5, expectedVotes(beta, 1 / 3)).beta];
    expect(coverage(sandwichCovariance, beta, limit, 1 / 3)).toBeCloseTo(0.95, 1.5);
    expect(coverage(modelCovariance, beta, limit, 1 / 3)).toBeGreaterThan(0.97);
  });
});

/** Share of 400 simulated boards × 10 pairs of models whose 95 % interval of the difference holds the true one. */
function coverage(
  covariance: (fit: ReturnType<typeof fitBradleyTerry>) => Covariance,
  beta: number[],
  truth: number[],
  tieRate: number,
): number {
  const random = seededRandom(20240814);
  let inside = 0;
  let total = 0;
  for (let board = 0; board < 400; board++) {
    const fit = fitBradleyTerry(beta.length, simulateVotes(beta, 60, tieRate, random));
    const matrix = covariance(fit);
    for (let i = 0; i < beta.length; i++) {
      for (let j = i + 1; j < beta.length; j++) {
        const gap = (fit.beta[i] as number) - (fit.beta[j] as number);
        const miss = Math.abs(gap - ((truth[i] as number) - (truth[j] as number)));
        if (miss <= Z_95 * differenceError(matrix, i, j)) inside++;
        total++;
      }
    }
  }
  return inside / total;
}

function expectedVotes(beta: number[], tieRate: number) {
  return beta.flatMap((strength, i) =>
    beta.slice(i + 1).map((other, offset) => {
      const p = 1 / (1 + Math.exp(other - strength));
      const winI = (1 - tieRate) * p;
      return { i, j: i + 1 + offset, winI, winJ: 1 - tieRate - winI, tie: tieRate, bothBad: 0 };
    }),
  );
}
