import { describe, expect, it } from "vitest";
import { inversePropensityRates } from "./inverse-propensity";
import { adaptivePolicy, type PairPolicy, type SamplingState, uniformPolicy } from "./pair-sampling";
import { seededRandom } from "./random";
import { simulateSampling, votesToReach } from "./sampling-simulator";
import { codeOf } from "./test-support";
import { davidsonProbabilities } from "./tie-probabilities";

const NU = 0.5;

/** Share of points of each model against all others, by the truth. */
const trueRates = (beta: readonly number[]): number[] =>
  beta.map((own, i) => {
    const shares = beta.flatMap((other, j) => {
      const p = davidsonProbabilities(Math.exp(own), Math.exp(other), NU);
      return i === j ? [] : [p.winI + p.tie / 2];
    });
    return shares.reduce((sum, share) => sum + share, 0) / shares.length;
  });

describe("simulateSampling", () => {
  it("shows adaptive draws to separate close models with far fewer votes than uniform ones", () => {
    // Three close models at the top, two in the middle, the others far apart: most uniform votes teach nothing new.
    const beta = [2, 1.85, 1.7, 1.2, 0.7, 0.2, 0, -0.5, -1, -1.5, -2, -2.5];
    const budget = 16_000;
    const needed = (policy: (state: SamplingState) => PairPolicy) =>
      [1, 2, 3, 4, 5].map((seed) => {
        const { points } = simulateSampling({ beta, policy, votes: budget, refitEvery: 200, seed });
        return votesToReach(points, "neighboursSeparated", 1) ?? 2 * budget;
      });
    const median = (values: number[]): number => values.sort((x, y) => x - y)[2] ?? 0;
    const adaptive = median(needed((state) => adaptivePolicy(state)));
    expect(adaptive).toBeLessThanOrEqual(0.75 * budget);
    expect(median(needed(uniformPolicy))).toBeGreaterThan(budget);
  });

  it("brings a newcomer's score sooner", () => {
    const beta = [0.9, 0.5, 0.1, -0.2, -0.6, -1, 0.4, -0.3, 0.2, -0.7];
    const entersAt = beta.map((_, k) => (k === 0 ? 4000 : 0));
    const newcomerBattles = (policy: (state: SamplingState) => PairPolicy) => {
      const { battles } = simulateSampling({ beta, policy, votes: 5000, entersAt, seed: 3 });
      expect(battles.slice(0, 4000).some(({ a, b }) => a === 0 || b === 0)).toBe(false);
      return battles.filter(({ a, b }) => a === 0 || b === 0).length;
    };
    expect(newcomerBattles((state) => adaptivePolicy(state))).toBeGreaterThan(
      1.25 * newcomerBattles(uniformPolicy),
    );
  });

  it("keeps win rates unbiased by inverse propensities, where plain ones are not", () => {
    const beta = [1.6, 1.5, 0.2, 0, -0.2, -1.5, -1.6];
    const truth = trueRates(beta);
    const runs = 30;
    const mean = { plain: 0, rate: 0, unbiased: 0 };
    let inside = 0;
    for (let seed = 0; seed < runs; seed++) {
      const { battles } = simulateSampling({
        ...{ beta, nu: NU, votes: 3000, refitEvery: 300, seed },
        policy: (state) => adaptivePolicy(state, { floor: 0.2, newcomerShare: 0 }),
      });
      const rates = inversePropensityRates(beta.length, battles);
      const best = rates[0];
      const own = battles.flatMap(({ a, b, points }) => (a === 0 ? [points] : b === 0 ? [1 - points] : []));
      mean.plain += own.reduce((sum, points) => sum + points, 0) / own.length / runs;
      mean.rate += (best?.rate ?? 0) / runs;
      mean.unbiased += (best?.unbiased ?? 0) / runs;
      rates.forEach(({ rate, standardError }, model) => {
        inside += Number(Math.abs(rate - (truth[model] ?? 0)) <= 1.96 * standardError);
      });
    }
    expect(Math.abs(mean.plain - (truth[0] ?? 0))).toBeGreaterThan(0.05);
    expect(Math.abs(mean.rate - (truth[0] ?? 0))).toBeLessThan(0.015);
    expect(Math.abs(mean.unbiased - (truth[0] ?? 0))).toBeLessThan(0.03);
    expect(inside / (runs * beta.length)).toBeGreaterThan(0.9);
  });

  it("learns: accuracy rises, intervals narrow as 1 / √votes", () => {
    const beta = [0.6, 0.3, 0, -0.3, -0.6];
    const { points } = simulateSampling({ beta, policy: uniformPolicy, votes: 6400, seed: 11 });
    const at = (votes: number) => points.find((point) => point.votes === votes);
    expect(points).toHaveLength(64);
    expect((at(400)?.halfWidth ?? 0) / (at(6400)?.halfWidth ?? 1)).toBeCloseTo(4, 0);
    expect(at(6400)?.orderAccuracy).toBe(1);
    expect(at(6400)?.rated).toBe(5);
    expect(votesToReach(points, "orderAccuracy", 1)).toBeLessThan(3000);
    expect(votesToReach(points, "orderAccuracy", 1.1)).toBeNull();
  });

  it("repeats with its seed, stops when told to, and refuses what is out of range", () => {
    const settings = { beta: [0.5, 0, -0.5], policy: uniformPolicy, votes: 300, seed: 1 };
    expect(simulateSampling(settings)).toEqual(simulateSampling(settings));
    expect(simulateSampling({ ...settings, seed: 2 })).not.toEqual(simulateSampling(settings));
    const stop = new AbortController();
    stop.abort(new Error("no longer needed"));
    expect(() => simulateSampling({ ...settings, signal: stop.signal })).toThrow("no longer needed");
    for (const bad of [{ beta: [1] }, { votes: 0 }, { refitEvery: 0.5 }, { nu: -1 }, { entersAt: [0] }]) {
      expect(codeOf(() => simulateSampling({ ...settings, ...bad }))).toBe("bad_argument");
    }
    expect(codeOf(() => simulateSampling({ ...settings, entersAt: [0, 500, 500] }))).toBe("bad_argument");
  });
});

describe("inversePropensityRates", () => {
  it("weighs as its formula says", () => {
    const battles = [
      { a: 0, b: 1, points: 1, probability: 0.5 },
      { a: 2, b: 0, points: 1, probability: 0.25 },
      { a: 0, b: 2, points: 0.5, probability: 0.1 },
    ];
    const [first] = inversePropensityRates(3, battles);
    expect(first?.battles).toBe(3);
    expect(first?.rate).toBeCloseTo((2 + 0 + 5) / 16, 12);
    expect(first?.unbiased).toBeCloseTo(7 / (3 * 4), 12);
    const rate = 7 / 16;
    const squares = (2 * (1 - rate)) ** 2 + (4 * rate) ** 2 + (10 * (0.5 - rate)) ** 2;
    expect(first?.standardError).toBeCloseTo(Math.sqrt(squares) / 16, 12);
  });

  it("refuses what is no battle", () => {
    const good = { a: 0, b: 1, points: 1, probability: seededRandom(1)() };
    for (const bad of [{ a: 2 }, { b: 0 }, { points: 2 }, { probability: 0 }, { probability: 1.5 }]) {
      expect(codeOf(() => inversePropensityRates(2, [{ ...good, ...bad }]))).toBe("bad_argument");
    }
  });
});
