import { describe, expect, it } from "vitest";
import { sampleBinomial } from "./binomial";
import { bootstrapBradleyTerry, bootstrapCovariance } from "./bootstrap";
import { fitBradleyTerry } from "./bradley-terry";
import { differenceError, sandwichCovariance } from "./covariance";
import { seededRandom } from "./random";
import { codeOf, needsData, pairsOf, puddingPairs, readArenaPairs } from "./test-support";

describe("sampleBinomial", () => {
  it.each([
    [7, 0.3],
    [1000, 0.002],
    [40, 0.5],
    [5000, 0.03],
    [1_000_000, 0.4],
    [300, 0.93],
  ])("has the mean, the variance and the tails of n = %i, p = %f", (n, p) => {
    const random = seededRandom(7);
    const draws = Array.from({ length: 20_000 }, () => sampleBinomial(n, p, random));
    const mean = n * p;
    const deviation = Math.sqrt(mean * (1 - p));
    const z = draws.map((k) => (k - mean) / deviation);
    const average = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(average(z))).toBeLessThan(4 / Math.sqrt(20_000));
    expect(Math.abs(average(z.map((value) => value ** 2)) - 1)).toBeLessThan(0.06);
    expect(draws.every((k) => Number.isInteger(k) && k >= 0 && k <= n)).toBe(true);
  });

  it("follows the exact distribution where rejection takes over", () => {
    // n·p = 12: compare with the probabilities by chi squared, 99.9 % point of 14 degrees of freedom.
    const random = seededRandom(11);
    const seen = new Float64Array(41);
    for (let draw = 0; draw < 50_000; draw++) {
      const k = sampleBinomial(40, 0.3, random);
      seen[k] = (seen[k] as number) + 1;
    }
    let mass = 0.7 ** 40;
    let chiSquared = 0;
    for (let k = 0; k <= 40; k++) {
      if (mass > 0.002) chiSquared += ((seen[k] as number) - 50_000 * mass) ** 2 / (50_000 * mass);
      mass *= ((40 - k) / (k + 1)) * (0.3 / 0.7);
    }
    expect(chiSquared).toBeLessThan(36.1);
  });

  it("knows the edges", () => {
    const random = seededRandom(1);
    expect([
      sampleBinomial(0, 0.5, random),
      sampleBinomial(9, 0, random),
      sampleBinomial(9, 1, random),
    ]).toEqual([0, 0, 9]);
  });
});

describe("bootstrapBradleyTerry", () => {
  const fit = fitBradleyTerry(6, puddingPairs);

  it("agrees with the sandwich: it is its audit", () => {
    const audit = bootstrapCovariance(bootstrapBradleyTerry(fit, { replicates: 3000, seed: 3 }));
    const sandwich = sandwichCovariance(fit);
    for (let k = 1; k < 6; k++) {
      expect(differenceError(audit, 0, k) / differenceError(sandwich, 0, k)).toBeCloseTo(1, 1);
    }
  });

  it("gives the same resamples for the same seed, and others for another", () => {
    const one = bootstrapBradleyTerry(fit, { replicates: 5, seed: 1 });
    expect(bootstrapBradleyTerry(fit, { replicates: 5, seed: 1 })).toEqual(one);
    expect(bootstrapBradleyTerry(fit, { replicates: 5, seed: 2 }).beta).not.toEqual(one.beta);
  });

  it("keeps the weighting of the fit", () => {
    const pairs = pairsOf([
      [0, 1, 600, 400],
      [1, 2, 30, 20],
      [0, 2, 20, 30],
    ]);
    const weighted = fitBradleyTerry(3, pairs, { weighting: "pairs" });
    const audit = bootstrapCovariance(bootstrapBradleyTerry(weighted, { replicates: 3000, seed: 3 }));
    expect(differenceError(audit, 0, 2) / differenceError(sandwichCovariance(weighted), 0, 2)).toBeCloseTo(
      1,
      1,
    );
  });

  it("leaves out, and counts, resamples in which somebody never lost", () => {
    const sparse = fitBradleyTerry(2, pairsOf([[0, 1, 3, 1]]));
    const { count, withoutMaximum } = bootstrapBradleyTerry(sparse, { replicates: 2000, seed: 5 });
    expect(count + withoutMaximum).toBe(2000);
    expect(withoutMaximum / 2000).toBeCloseTo(0.75 ** 4 + 0.25 ** 4, 1);
  });

  it("refuses votes that are not whole", () => {
    const halves = fitBradleyTerry(2, pairsOf([[0, 1, 1.5, 1]]));
    expect(codeOf(() => bootstrapBradleyTerry(halves, { seed: 1 }))).toBe("bad_counts");
    expect(codeOf(() => bootstrapBradleyTerry(fit, { replicates: 0, seed: 1 }))).toBe("bad_argument");
  });
});

const arena = needsData("the Chatbot Arena votes, resampled", "lmarena_pairs_20240814.json");
describe.skipIf(arena.isAbsent)(arena.title, () => {
  it("spreads as its sandwich says, for models with many votes and with few", () => {
    const { models, pairs } = readArenaPairs();
    const fit = fitBradleyTerry(models.length, pairs);
    const sandwich = sandwichCovariance(fit);
    const { count, withoutMaximum, ...rest } = bootstrapBradleyTerry(fit, { replicates: 200, seed: 1 });
    expect(withoutMaximum).toBe(0);
    const audit = bootstrapCovariance({ count, withoutMaximum, ...rest });
    const ratios = models.map((_, k) =>
      Math.sqrt(
        (audit.values[k * models.length + k] as number) / (sandwich.values[k * models.length + k] as number),
      ),
    );
    // A standard deviation from 200 resamples is itself uncertain by 5 %.
    expect(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length).toBeCloseTo(1, 1);
    expect(Math.max(...ratios)).toBeLessThan(1.25);
    expect(Math.min(...ratios)).toBeGreaterThan(0.8);
  });
});
