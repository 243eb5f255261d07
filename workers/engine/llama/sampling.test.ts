import { describe, expect, it } from "vitest";
import { defaultSampling, type LlamaSampling, toEvaluateOptions } from "./sampling";

const base: LlamaSampling = { seed: 1, ignoresEndOfTurn: false, generated: [5, 6], maxTokens: 100 };

describe("toEvaluateOptions", () => {
  it("has llama.cpp's defaults and no penalties", () => {
    expect(toEvaluateOptions(base)).toEqual({ ...defaultSampling, seed: 1, yieldEogToken: false });
  });

  it("hands on what the request says, zero included", () => {
    const given = { temperature: 0, topP: 0, topK: 0, minP: 0 };
    expect(toEvaluateOptions({ ...base, ...given })).toMatchObject(given);
  });

  it("penalises what has been generated, over a window that stays the same", () => {
    const generated = [5, 6];
    const { repeatPenalty } = toEvaluateOptions({ ...base, generated, presencePenalty: 0.5 });
    generated.push(7);
    expect(repeatPenalty).toMatchObject({
      penalty: 1,
      frequencyPenalty: 0,
      presencePenalty: 0.5,
      maxPunishTokens: 100,
    });
    const tokens = repeatPenalty?.punishTokens;
    expect(typeof tokens === "function" ? tokens() : tokens).toEqual([5, 6, 7]);
  });

  it("folds any whole number into the 32 bits of a seed, and keeps neighbours apart", () => {
    const seeds = [0, 1, -1, 2 ** 31, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
    const folded = seeds.map((seed) => toEvaluateOptions({ ...base, seed }).seed ?? -1);
    for (const seed of folded) expect(seed >= 0 && seed < 2 ** 32).toBe(true);
    expect(toEvaluateOptions({ ...base, seed: 42 }).seed).toBe(42);
    expect(folded[1]).not.toBe(folded[5]);
  });
});
