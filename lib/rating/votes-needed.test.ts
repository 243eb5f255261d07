import { describe, expect, it } from "vitest";
import { fitBradleyTerry } from "./bradley-terry";
import { modelCovariance, sandwichCovariance } from "./covariance";
import { normalQuantile } from "./normal";
import { codeOf, pairsOf } from "./test-support";
import { votesToSeparate } from "./votes-needed";

const needed = (winI: number, winJ: number, tie = 0, power?: number) => {
  const fit = fitBradleyTerry(2, pairsOf([[0, 1, winI, winJ, tie]]));
  return votesToSeparate(fit, sandwichCovariance(fit), modelCovariance(fit), 0, 1, { power });
};

describe("votesToSeparate", () => {
  it("is nothing for models that are separated, and endless for equal ones", () => {
    expect(needed(80, 20)).toBe(0);
    expect(needed(20, 20)).toBe(Number.POSITIVE_INFINITY);
  });

  it("brings two models to the interval that it promises", () => {
    // 55 : 45 of 100. At even power, so many more votes of the same share just reach z = 1.96.
    const more = needed(55, 45, 0, 0.5);
    const z = (votes: number) => (Math.log(55 / 45) * Math.sqrt(votes * 0.55 * 0.45)) / 1.959963984540054;
    expect(z(100 + more)).toBeGreaterThanOrEqual(1);
    expect(z(100 + more - 1)).toBeLessThan(1);
  });

  it("asks for more votes when it must be surer, and for fewer when many votes are ties", () => {
    expect(needed(55, 45, 0, 0.8) / needed(55, 45, 0, 0.5)).toBeGreaterThan(1.9);
    // The same share of points, half of the votes ties: each vote varies less.
    expect(needed(30, 20, 50)).toBeLessThan(needed(55, 45));
  });

  it("counts what other models tell about the two", () => {
    const pairs = pairsOf([
      [0, 1, 11, 9],
      [0, 2, 60, 40],
      [1, 2, 55, 45],
    ]);
    const fit = fitBradleyTerry(3, pairs);
    const votes = votesToSeparate(fit, sandwichCovariance(fit), modelCovariance(fit), 0, 1, { power: 0.5 });
    expect(Number.isInteger(votes)).toBe(true);
    const p = 1 / (1 + Math.exp((fit.beta[1] as number) - (fit.beta[0] as number)));
    const after = fitBradleyTerry(3, [
      ...pairs,
      { i: 0, j: 1, winI: votes * p, winJ: votes * (1 - p), tie: 0, bothBad: 0 },
    ]);
    const { values } = sandwichCovariance(after);
    const error = Math.sqrt((values[0] as number) + (values[4] as number) - 2 * (values[1] as number));
    expect(((after.beta[0] as number) - (after.beta[1] as number)) / error).toBeCloseTo(1.96, 2);
  });

  it("refuses a model against itself, and weighted votes", () => {
    const fit = fitBradleyTerry(2, pairsOf([[0, 1, 5, 4]]));
    const model = modelCovariance(fit);
    expect(codeOf(() => votesToSeparate(fit, model, model, 0, 0))).toBe("bad_argument");
    const weighted = fitBradleyTerry(2, pairsOf([[0, 1, 5, 4]]), { weighting: "pairs" });
    expect(codeOf(() => votesToSeparate(weighted, model, model, 0, 1))).toBe("bad_argument");
  });

  it("uses quantiles to the last digits", () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 14);
    expect(normalQuantile(0.8)).toBeCloseTo(0.8416212335729143, 14);
    expect([normalQuantile(0), normalQuantile(0.5), normalQuantile(1)].map((x) => x + 0)).toEqual([
      Number.NEGATIVE_INFINITY,
      expect.closeTo(0, 15),
      Number.POSITIVE_INFINITY,
    ]);
  });
});
