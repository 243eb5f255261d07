import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitBradleyTerry } from "./bradley-terry";
import { sandwichCovariance } from "./covariance";
import { seededRandom } from "./random";
import { byStrength, probabilityBetter } from "./rank";
import { rankDistribution, topProbability } from "./rank-distribution";
import { rankSpreadByTests, separations } from "./separations";
import { codeOf, fullBoards, simulateVotes } from "./test-support";

const diagonal = (m: number, error: number) => ({
  size: m,
  values: Float64Array.from({ length: m * m }, (_, at) => (at % (m + 1) === 0 ? error ** 2 : 0)),
});

describe("separations", () => {
  it("steps down as Holm does", () => {
    // z = 3, 2.3, 0.7 with errors 1/√2: p = .0027, .0214, .484 against .05/3, .05/2, .05.
    const values = Float64Array.of(0, 2.3, 3);
    expect([...separations(values, diagonal(3, Math.SQRT1_2))]).toEqual([0, 0, 0, 1, 0, 0, 1, 0, 0]);
    // Bonferroni, at .05/3 for all, would not see the second; with it at z = 2.2 (p = .028) Holm does not either.
    expect([...separations(Float64Array.of(0, 2.2, 3), diagonal(3, Math.SQRT1_2))]).toEqual([
      0, 0, 0, 0, 0, 0, 1, 0, 0,
    ]);
  });

  it("claims more about one model alone than about a whole board", () => {
    fc.assert(
      fc.property(fullBoards, ({ modelCount, pairs }) => {
        const fit = fitBradleyTerry(modelCount, pairs);
        const covariance = sandwichCovariance(fit);
        const joint = separations(fit.beta, covariance);
        const each = separations(fit.beta, covariance, { family: "model" });
        joint.forEach((flag, at) => {
          expect(flag).toBeLessThanOrEqual(each[at] as number);
        });
        const { best, worst } = rankSpreadByTests(fit.beta, covariance);
        byStrength(fit.beta).forEach((model, place) => {
          expect(best[model]).toBeLessThanOrEqual(place + 1);
          expect(worst[model]).toBeGreaterThanOrEqual(place + 1);
        });
      }),
    );
  });

  it("holds all true ranks together in 95 % of boards, and in fewer than all", () => {
    const truth = [0.6, 0.2, 0.15, -0.3, -0.65];
    const random = seededRandom(99);
    let isRight = 0;
    for (let board = 0; board < 300; board++) {
      const fit = fitBradleyTerry(5, simulateVotes(truth, 80, 0, random));
      const { best, worst } = rankSpreadByTests(fit.beta, sandwichCovariance(fit));
      if (truth.every((_, k) => (best[k] as number) <= k + 1 && (worst[k] as number) >= k + 1)) isRight++;
    }
    expect(isRight / 300).toBeGreaterThan(0.93);
  });

  it("refuses an impossible alpha", () => {
    expect(codeOf(() => separations(Float64Array.of(1), diagonal(1, 1), { alpha: 1 }))).toBe("bad_argument");
  });
});

describe("rankDistribution", () => {
  const fit = fitBradleyTerry(4, simulateVotes([0.3, 0.1, 0, -0.4], 50, 0.2, seededRandom(4)));
  const covariance = sandwichCovariance(fit);
  const distribution = rankDistribution(fit.beta, covariance, { seed: 1, draws: 20_000 });

  it("is a distribution over ranks for every model, and over models for every rank", () => {
    for (let k = 0; k < 4; k++) {
      expect(topProbability(distribution, k, 4)).toBeCloseTo(1, 9);
      const ofRank = [0, 1, 2, 3].map((model) => distribution[model * 4 + k] as number);
      expect(ofRank.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
    }
  });

  it("agrees with P(i > j) for two models", () => {
    const two = Float64Array.of(0.1, 0);
    const matrix = { size: 2, values: Float64Array.of(0.02, -0.005, -0.005, 0.01) };
    const shares = rankDistribution(two, matrix, { seed: 2, draws: 40_000 });
    expect(topProbability(shares, 0, 1)).toBeCloseTo(probabilityBetter(two, matrix, 0, 1), 1.7);
  });

  it("repeats with its seed and refuses what is out of range", () => {
    expect(rankDistribution(fit.beta, covariance, { seed: 1, draws: 20_000 })).toEqual(distribution);
    expect(codeOf(() => topProbability(distribution, 4, 1))).toBe("bad_argument");
    expect(codeOf(() => rankDistribution(fit.beta, covariance, { seed: 1, draws: 0 }))).toBe("bad_argument");
  });
});
