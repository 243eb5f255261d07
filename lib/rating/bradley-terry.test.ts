import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitBradleyTerry } from "./bradley-terry";
import { sandwichCovariance } from "./covariance";
import { toScores } from "./score";
import {
  codeOf,
  fullBoards,
  needsData,
  pairsOf,
  readArenaPairs,
  readData,
  swapped,
  wikipediaPairs,
} from "./test-support";

describe("fitBradleyTerry", () => {
  it("finds the strengths of Wikipedia's example", () => {
    const { beta, converged } = fitBradleyTerry(4, wikipediaPairs);
    expect(converged).toBe(true);
    // Mean-zero β is geometric mean 1 of π.
    expect([...beta.map(Math.exp)].map((pi) => pi.toFixed(3))).toEqual(["0.640", "1.043", "0.660", "2.270"]);
  });

  it("gives the log odds of two models, with ties as half wins", () => {
    const { beta, gradientNorm, logLikelihood } = fitBradleyTerry(2, [
      { i: 0, j: 1, winI: 6, winJ: 1, tie: 2, bothBad: 1 },
    ]);
    expect((beta[0] as number) - (beta[1] as number)).toBeCloseTo(Math.log(7.5 / 2.5), 12);
    expect(gradientNorm).toBeLessThan(1e-9);
    expect(logLikelihood).toBeCloseTo(7.5 * Math.log(0.75) + 2.5 * Math.log(0.25), 12);
  });

  it("says which of the three things is wrong with the votes", () => {
    const island = pairsOf([
      [0, 1, 2, 2],
      [2, 3, 2, 2],
    ]);
    expect(codeOf(() => fitBradleyTerry(4, island))).toBe("disconnected_comparison_graph");
    expect(codeOf(() => fitBradleyTerry(3, pairsOf([[0, 1, 2, 2]])))).toBe("disconnected_comparison_graph");
    const unbeaten = pairsOf([
      [0, 1, 2, 2],
      [2, 0, 3, 0],
    ]);
    expect(codeOf(() => fitBradleyTerry(3, unbeaten))).toBe("no_finite_maximum");
    for (const bad of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(codeOf(() => fitBradleyTerry(2, pairsOf([[0, 1, bad, 1]])))).toBe("bad_counts");
    }
    expect(codeOf(() => fitBradleyTerry(2, pairsOf([[0, 2, 1, 1]])))).toBe("bad_counts");
    expect(codeOf(() => fitBradleyTerry(2, pairsOf([[1, 1, 1, 1]])))).toBe("bad_counts");
    expect(codeOf(() => fitBradleyTerry(2, pairsOf([[0, 0.5, 1, 1]])))).toBe("bad_counts");
    expect(codeOf(() => fitBradleyTerry(0, []))).toBe("bad_argument");
  });

  it("converges from a start of zero where the strengths are far apart", () => {
    const ladder = pairsOf(Array.from({ length: 20 }, (_, k) => [k, k + 1, 1e6, 1] as const));
    const { beta, converged } = fitBradleyTerry(21, ladder);
    expect(converged).toBe(true);
    expect((beta[0] as number) - (beta[20] as number)).toBeCloseTo(20 * Math.log(1e6), 8);
  });

  it("is the same, to the last bit, for rows in another order, split, or seen from the other side", () => {
    fc.assert(
      fc.property(fullBoards, ({ modelCount, pairs }) => {
        const { beta } = fitBradleyTerry(modelCount, pairs);
        const again = pairs.flatMap((pair) => [
          swapped({ ...pair, winI: 0, tie: 0 }),
          { ...pair, winJ: 0, bothBad: 0 },
        ]);
        expect(fitBradleyTerry(modelCount, again.reverse()).beta).toEqual(beta);
      }),
    );
  });

  it("renames models without changing them, and does not mind a multiple of all votes", () => {
    fc.assert(
      fc.property(
        fullBoards,
        fc.double({ min: 0.01, max: 1000, noNaN: true }),
        ({ modelCount, pairs }, factor) => {
          const { beta } = fitBradleyTerry(modelCount, pairs);
          const renamed = fitBradleyTerry(
            modelCount,
            pairs.map((pair) => ({ ...pair, i: modelCount - 1 - pair.i, j: modelCount - 1 - pair.j })),
          ).beta;
          const scaled = fitBradleyTerry(
            modelCount,
            pairs.map(({ i, j, winI, winJ, tie, bothBad }) => ({
              i,
              j,
              winI: winI * factor,
              winJ: winJ * factor,
              tie: tie * factor,
              bothBad: bothBad * factor,
            })),
          ).beta;
          beta.forEach((value, k) => {
            expect(renamed[modelCount - 1 - k]).toBeCloseTo(value, 9);
            expect(scaled[k]).toBeCloseTo(value, 9);
          });
        },
      ),
    );
  });

  it("weighs by 1 / max(n_pair, 50) when asked to", () => {
    // 0 and 1 met 1000 times, the others 50 times each: weighted, the large pair is one of three equal ones.
    const pairs = pairsOf([
      [0, 1, 600, 400],
      [1, 2, 30, 20],
      [0, 2, 20, 30],
    ]);
    const equal = pairsOf([
      [0, 1, 30, 20],
      [1, 2, 30, 20],
      [0, 2, 20, 30],
    ]);
    const weighted = fitBradleyTerry(3, pairs, { weighting: "pairs" }).beta;
    fitBradleyTerry(3, equal).beta.forEach((value, k) => {
      expect(weighted[k]).toBeCloseTo(value, 10);
    });
  });
});

const arena = needsData("the Chatbot Arena votes of August 2024", "lmarena_pairs_20240814.json");
describe.skipIf(arena.isAbsent)(arena.title, () => {
  it("reproduces the converged board", () => {
    const { models, pairs } = readArenaPairs();
    const fit = fitBradleyTerry(models.length, pairs);
    expect(fit.converged).toBe(true);
    expect(fit.gradientNorm).toBeLessThan(1e-6);
    const anchor = { model: models.indexOf("mixtral-8x7b-instruct-v0.1"), score: 1114 };
    const { score } = toScores(fit.beta, sandwichCovariance(fit), { anchor });
    expect(score[models.indexOf("chatgpt-4o-latest")]).toBeCloseTo(1315.156092, 6);
    expect(score[models.indexOf("gpt-4-0314")]).toBeCloseTo(1186.1227, 4);
    expect(score[models.indexOf("llama-13b")]).toBeCloseTo(798.8464, 4);
  });
});

const history = needsData("the official board of 13 August 2024", "lmarena_history_overall.csv");
describe.skipIf(arena.isAbsent || history.isAbsent)(history.title, () => {
  it("differs by 0.20 points on average, 2.63 at most: the official fit stopped early", () => {
    const [header = [], ...boards] = readData("lmarena_history_overall.csv")
      .trim()
      .split(/\r?\n/)
      .map((line) => line.split(","));
    const official = boards.find(([date]) => date === "20240813") ?? [];
    const { models, pairs } = readArenaPairs();
    const fit = fitBradleyTerry(models.length, pairs);
    const anchor = { model: models.indexOf("mixtral-8x7b-instruct-v0.1"), score: 1114 };
    const { score } = toScores(fit.beta, sandwichCovariance(fit), { anchor });
    const differences = models.flatMap((name, k) => {
      // The board of that day called the model by its date; "latest" came to mean a newer one.
      const column = name === "chatgpt-4o-latest" ? "chatgpt-4o-latest-2024-08-08" : name;
      const published = Number(official[header.indexOf(column)] ?? 0);
      return published === 0 ? [] : [Math.abs((score[k] as number) - published)];
    });
    expect(differences).toHaveLength(128);
    expect(differences.reduce((sum, d) => sum + d, 0) / 128).toBeCloseTo(0.2, 2);
    expect(Math.max(...differences)).toBeCloseTo(2.63, 2);
  });
});
