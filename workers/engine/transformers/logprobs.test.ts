import { expect, it } from "vitest";
import { rawLogprobs } from "./logprobs";

it("rawLogprobs is the log-softmax, whatever is added to all logits", () => {
  const probabilities = [0.2, 0.5, 0.3];
  const logits = Float32Array.from(probabilities, (probability) => Math.log(probability) + 500);
  const { sampled, top } = rawLogprobs(logits, 0, 2);
  expect(Math.exp(sampled)).toBeCloseTo(0.2, 3);
  expect(top.map(([token]) => token)).toEqual([1, 2]);
  expect(top.map(([, logprob]) => Math.exp(logprob))).toEqual([
    expect.closeTo(0.5, 3),
    expect.closeTo(0.3, 3),
  ]);
  expect(rawLogprobs(logits, 0, 0).top).toEqual([]);
});
