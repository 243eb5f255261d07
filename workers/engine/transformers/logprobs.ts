import { topTokens } from "./sampler";

/** Natural logarithms of probabilities by token id, from the model's logits before any sampling parameter. */
export type RawLogprobs = {
  sampled: number;
  /** The most likely tokens, best first. */
  top: readonly (readonly [token: number, logprob: number])[];
};

/** The log-softmax over the whole vocabulary. `top`: so many of the most likely tokens. */
export function rawLogprobs(logits: Float32Array, sampled: number, top: number): RawLogprobs {
  const best = logits.reduce((highest, logit) => Math.max(highest, logit), Number.NEGATIVE_INFINITY);
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - best), 0);
  const logSum = best + Math.log(sum);
  const of = (token: number): number => (logits[token] ?? Number.NEGATIVE_INFINITY) - logSum;
  return {
    sampled: of(sampled),
    top: top === 0 ? [] : topTokens(logits, top).map((token) => [token, of(token)] as const),
  };
}
