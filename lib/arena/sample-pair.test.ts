import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { samplePair } from "./sample-pair";

const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("samplePair", () => {
  it("never draws a model against itself and stores the true probability", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 9 }), unit, unit, (models, u, v) => {
        const draws = [u, v];
        const draw = samplePair(models, () => draws.shift() ?? 0);
        expect(draw.a).not.toBe(draw.b);
        expect(draw.propensity).toBeCloseTo(1 / (models.length * (models.length - 1)), 12);
      }),
    );
  });

  it("reaches each ordered pair equally often", () => {
    const models = ["x", "y", "z"];
    const seen = new Map<string, number>();
    const steps = 60;
    for (let i = 0; i < steps; i++) {
      for (let j = 0; j < steps; j++) {
        const draws = [(i + 0.5) / steps, (j + 0.5) / steps];
        const { a, b } = samplePair(models, () => draws.shift() ?? 0);
        seen.set(`${a}${b}`, (seen.get(`${a}${b}`) ?? 0) + 1);
      }
    }
    expect([...seen.values()]).toEqual(Array.from({ length: 6 }, () => (steps * steps) / 6));
  });

  it("refuses to start a battle with one model", () => {
    expect(() => samplePair(["only"], () => 0)).toThrow(
      expect.objectContaining({ code: "not_enough_models" }),
    );
    expect(() => samplePair([], () => 0)).toThrow(expect.objectContaining({ code: "not_enough_models" }));
  });
});
