import { describe, expect, it } from "vitest";
import { bootstrapBradleyTerry, bootstrapCovariance } from "./bootstrap";
import { type BradleyTerryFit, fitBradleyTerry } from "./bradley-terry";
import { differenceError, modelCovariance, sandwichCovariance } from "./covariance";
import { type Random, seededRandom } from "./random";
import { probabilityBetter, rankSpread } from "./rank";
import { rankDistribution, topProbability } from "./rank-distribution";
import { toScores } from "./score";
import { simulateVotes } from "./test-support";
import { Z_95 } from "./types";
import { votesToSeparate } from "./votes-needed";

const TRUTH = [0.7, 0.25, 0, -0.35, -0.6];

/** Share of pairs of models, over simulated boards, whose interval of the difference holds the true one. */
function coverage(
  boards: number,
  random: Random,
  simulate: (random: Random) => BradleyTerryFit,
  covarianceOf: (fit: BradleyTerryFit) => ReturnType<typeof sandwichCovariance>,
): number {
  let inside = 0;
  let total = 0;
  for (let board = 0; board < boards; board++) {
    const fit = simulate(random);
    const covariance = covarianceOf(fit);
    for (let i = 0; i < TRUTH.length; i++) {
      for (let j = i + 1; j < TRUTH.length; j++) {
        const miss = (fit.beta[i] ?? 0) - (fit.beta[j] ?? 0) - ((TRUTH[i] ?? 0) - (TRUTH[j] ?? 0));
        inside += Number(Math.abs(miss) <= Z_95 * differenceError(covariance, i, j));
        total++;
      }
    }
  }
  return inside / total;
}

describe("what an interval promises", () => {
  it("is kept by the bootstrap at its nominal rate", () => {
    const kept = coverage(
      250,
      seededRandom(61),
      (random) => fitBradleyTerry(5, simulateVotes(TRUTH, 60, 0, random)),
      (fit) => bootstrapCovariance(bootstrapBradleyTerry(fit, { replicates: 150, seed: 7 })),
    );
    expect(kept).toBeGreaterThan(0.93);
    expect(kept).toBeLessThan(0.97);
  });

  it("is kept by the sandwich under reweighting, with pairs of 20 votes and of 400", () => {
    const kept = coverage(
      400,
      seededRandom(62),
      (random) => {
        const pairs = simulateVotes(TRUTH, 20, 0, random).map((few, at) => {
          const many = simulateVotes([TRUTH[few.i] ?? 0, TRUTH[few.j] ?? 0], 400, 0, random)[0];
          return at % 2 === 0 || many === undefined ? few : { ...many, i: few.i, j: few.j };
        });
        return fitBradleyTerry(5, pairs, { weighting: "pairs" });
      },
      (fit) => sandwichCovariance(fit),
    );
    expect(kept).toBeGreaterThan(0.93);
    expect(kept).toBeLessThan(0.97);
  });

  it("is kept by the simple rank spread for each model, and more: overlap is a cautious test", () => {
    const random = seededRandom(63);
    let inside = 0;
    const boards = 300;
    for (let board = 0; board < boards; board++) {
      const fit = fitBradleyTerry(5, simulateVotes(TRUTH, 60, 0, random));
      const { lower, upper } = toScores(fit.beta, sandwichCovariance(fit));
      const { best, worst } = rankSpread(lower, upper);
      TRUTH.forEach((_, model) => {
        inside += Number((best[model] ?? 9) <= model + 1 && (worst[model] ?? 0) >= model + 1);
      });
    }
    expect(inside / (5 * boards)).toBeGreaterThan(0.95);
  });

  it("holds for P(i > j) and P(top k): of claims of 70 % to 80 %, about so many are true", () => {
    const random = seededRandom(64);
    const claims = { better: [0, 0, 0], top: [0, 0, 0] };
    const note = (cell: number[], claimed: number, isTrue: boolean): void => {
      if (claimed < 0.7 || claimed > 0.8) return;
      cell[0] = (cell[0] ?? 0) + 1;
      cell[1] = (cell[1] ?? 0) + claimed;
      cell[2] = (cell[2] ?? 0) + Number(isTrue);
    };
    for (let board = 0; board < 1500; board++) {
      // Strengths that differ from board to board, and by so much that the votes outweigh where they came from.
      const truth = Array.from({ length: 4 }, () => 1.6 * (random() - 0.5));
      const fit = fitBradleyTerry(4, simulateVotes(truth, 100, 0, random));
      const covariance = modelCovariance(fit);
      for (let j = 1; j < 4; j++) {
        const claimed = probabilityBetter(fit.beta, covariance, 0, j);
        note(
          claims.better,
          Math.max(claimed, 1 - claimed),
          (truth[0] ?? 0) > (truth[j] ?? 0) === claimed > 0.5,
        );
      }
      const distribution = rankDistribution(fit.beta, covariance, { seed: board, draws: 400 });
      const above = truth.filter((value) => value > (truth[0] ?? 0)).length;
      const top = topProbability(distribution, 0, 2);
      note(claims.top, Math.max(top, 1 - top), above < 2 === top > 0.5);
    }
    for (const [count = 0, claimed = 0, held = 0] of [claims.better, claims.top]) {
      expect(count).toBeGreaterThan(80);
      expect(Math.abs(held - claimed) / count).toBeLessThan(3 * Math.sqrt(0.19 / count));
    }
  });

  it("holds for the votes that would separate two models: with them, four of five boards do", () => {
    const random = seededRandom(65);
    const truth = [0.2, 0, -0.1];
    const expected = truth.flatMap((own, i) =>
      truth.slice(i + 1).map((other, offset) => {
        const p = 1 / (1 + Math.exp(other - own));
        return { i, j: i + 1 + offset, winI: 100 * p, winJ: 100 * (1 - p), tie: 0, bothBad: 0 };
      }),
    );
    const now = fitBradleyTerry(3, expected);
    const more = votesToSeparate(now, sandwichCovariance(now), modelCovariance(now), 0, 1);
    let separated = 0;
    const boards = 400;
    for (let board = 0; board < boards; board++) {
      const direct = simulateVotes([0.2, 0], more, 0, random);
      const fit = fitBradleyTerry(3, [...simulateVotes(truth, 100, 0, random), ...direct]);
      const gap = (fit.beta[0] ?? 0) - (fit.beta[1] ?? 0);
      separated += Number(gap > Z_95 * differenceError(sandwichCovariance(fit), 0, 1));
    }
    expect(separated / boards).toBeGreaterThan(0.74);
    expect(separated / boards).toBeLessThan(0.86);
  });
});
