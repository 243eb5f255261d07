import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seededRandom } from "./random";
import { type SamplerSettings, sampleToken, topTokens } from "./sampler";

const neutral: SamplerSettings = {
  temperature: 1,
  topK: 0,
  topP: 1,
  minP: 0,
  frequencyPenalty: 0,
  presencePenalty: 0,
  repeatPenalty: 1,
  bias: new Map(),
};
const none: ReadonlyMap<number, number> = new Map();
/** Probabilities 0.5, 0.25, 0.15, 0.1, not in order. */
const logits = Float32Array.from([0.25, 0.5, 0.1, 0.15], Math.log);

function sample(settings: Partial<SamplerSettings>, point: number, counts = none): number {
  return sampleToken(logits, { ...neutral, ...settings }, counts, () => point);
}

/** The tokens that any point gives. */
function reachable(settings: Partial<SamplerSettings>): number[] {
  const points = Array.from({ length: 1000 }, (_, index) => index / 1000);
  return [...new Set(points.map((point) => sample(settings, point)))].sort();
}

describe("sampleToken", () => {
  it("draws by the probabilities", () => {
    // In the order of ids: 0.25, then 0.5, 0.1 and 0.15.
    expect([0, 0.24, 0.26, 0.74, 0.76, 0.84, 0.86, 0.999].map((point) => sample({}, point))).toEqual([
      0, 0, 1, 1, 2, 2, 3, 3,
    ]);
  });

  it("is greedy at temperature 0, and takes the first of equals", () => {
    expect(sample({ temperature: 0 }, 0.999)).toBe(1);
    const flat = Float32Array.from([1, 2, 2]);
    expect(sampleToken(flat, { ...neutral, temperature: 0 }, none, () => 0.9)).toBe(1);
  });

  it("sharpens and flattens with the temperature", () => {
    // Squares of the probabilities: 0.0625, 0.25, 0.01, 0.0225 of 0.345; the first has 0.181 of it.
    expect([0.18, 0.182].map((point) => sample({ temperature: 0.5 }, point))).toEqual([0, 1]);
  });

  it("cuts by rank, mass and relation to the best", () => {
    expect(reachable({ topK: 2 })).toEqual([0, 1]);
    expect(reachable({ topP: 0.7 })).toEqual([0, 1]);
    expect(reachable({ topP: 0.8 })).toEqual([0, 1, 3]);
    expect(reachable({ topP: 0 })).toEqual([1]);
    expect(reachable({ minP: 0.29 })).toEqual([0, 1, 3]);
    expect(reachable({ minP: 1 })).toEqual([1]);
    // Top-p counts what top-k has left: 0.5 of 0.75 is less than 0.7.
    expect(reachable({ topK: 2, topP: 0.66 })).toEqual([1]);
  });

  it("adds a bias, and leaves the given logits as they are", () => {
    expect(sample({ temperature: 0, bias: new Map([[1, -100]]) }, 0)).toBe(0);
    expect(sample({ temperature: 0, bias: new Map([[2, 100]]) }, 0)).toBe(2);
    expect(logits[1]).toBeCloseTo(Math.log(0.5), 6);
  });

  it("penalises what is there already", () => {
    const twice = new Map([[1, 2]]);
    // The best is ahead of the next by ln 2 = 0.69.
    expect(sample({ temperature: 0, frequencyPenalty: 0.3 }, 0, twice)).toBe(1);
    expect(sample({ temperature: 0, frequencyPenalty: 0.4 }, 0, twice)).toBe(0);
    expect(sample({ temperature: 0, presencePenalty: 0.6 }, 0, twice)).toBe(1);
    expect(sample({ temperature: 0, presencePenalty: 0.8 }, 0, twice)).toBe(0);
    // A negative logit is multiplied: -0.69 · 1.9 is above ln 0.25 = -1.39, -0.69 · 2.1 is below.
    expect(sample({ temperature: 0, repeatPenalty: 1.9 }, 0, twice)).toBe(1);
    expect(sample({ temperature: 0, repeatPenalty: 2.1 }, 0, twice)).toBe(0);
    const positive = Float32Array.from([1, 1.5]);
    const settings = { ...neutral, temperature: 0, repeatPenalty: 2 };
    expect(sampleToken(positive, settings, twice, () => 0)).toBe(0);
  });

  it("gives a token that is there at any point", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -50, max: 50, noNaN: true }), { minLength: 1, maxLength: 40 }),
        fc.record({
          temperature: fc.double({ min: 0.01, max: 2, noNaN: true }),
          topK: fc.nat(50),
          topP: fc.double({ min: 0, max: 1, noNaN: true }),
          minP: fc.double({ min: 0, max: 1, noNaN: true }),
        }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (values, settings, point) => {
          const array = Float32Array.from(values);
          const token = sampleToken(array, { ...neutral, ...settings }, none, () => point);
          return token >= 0 && token < values.length;
        },
      ),
    );
  });
});

it("topTokens is the head of a full sort", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 70 }),
      (values, count) => {
        const sorted = values.map((_, id) => id).sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
        expect(topTokens(Float32Array.from(values), count)).toEqual(sorted.slice(0, count));
      },
    ),
  );
});

describe("seededRandom", () => {
  it("repeats itself for a seed, and differs between seeds", () => {
    const take = (seed: number): number[] => Array.from({ length: 4 }, seededRandom(seed));
    expect(take(7)).toEqual(take(7));
    const seeds = [0, 1, 2, -1, 2 ** 32, 2 ** 40 + 1, 5];
    expect(new Set(seeds.map((seed) => String(take(seed)))).size).toBe(seeds.length);
  });

  it("is even", () => {
    const counts = Array.from({ length: 10 }, () => 0);
    const random = seededRandom(3);
    for (let index = 0; index < 10_000; index++) {
      const bin = Math.floor(random() * 10);
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    // Five standard deviations of a bin are 150.
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
