import type { LlamaContextSequence, Token } from "node-llama-cpp";

/** Natural logarithms of probabilities by token id, from the model's logits before any sampling parameter. */
export type RawLogprobs = {
  sampled: number;
  /** The most likely tokens, best first. */
  top: readonly (readonly [token: number, logprob: number])[];
};

/**
 * The log-softmax over the whole vocabulary behind the last token of `sequence`. The library's own probabilities come out
 * of its sampler, after truncation and temperature; so the last token is evaluated once more, greedily, where the sampler
 * leaves the logits as they are. The library sums up the vocabulary; only the few tokens that were asked for cross over.
 */
export async function readRawLogprobs(
  sequence: LlamaContextSequence,
  sampled: number,
  top: number,
  evaluationPriority: number,
): Promise<RawLogprobs> {
  const state = sequence.contextTokens;
  await sequence.eraseContextTokenRanges([{ start: state.length - 1, end: state.length }]);
  // A model that cannot forget a single token may have dropped more.
  const missing = state.slice(sequence.nextTokenIndex);
  const last = missing.at(-1);
  if (last === undefined) throw new Error("The sequence is empty.");
  const results = await sequence.controlledEvaluate(
    [
      ...missing.slice(0, -1),
      [
        last,
        {
          generateNext: {
            // At least the most likely one: `totalLogitWeight` is relative to it.
            logits: { filter: { tokens: [sampled as Token], includeTop: Math.max(1, top) } },
            totalLogitWeight: true,
            options: { temperature: 0 },
          },
        },
      ],
    ],
    { evaluationPriority: evaluationPriority as 1 },
  );
  const next = results[missing.length - 1]?.next;
  const logits = [...(next?.logits ?? [])].sort((a, b) => b[1] - a[1]);
  const best = logits[0];
  const mine = next?.logits?.get(sampled as Token);
  if (best === undefined || mine === undefined || next?.totalLogitWeight === undefined) {
    throw new Error("The library gave no logits.");
  }
  const logSum = best[1] + Math.log(next.totalLogitWeight);
  return {
    sampled: mine - logSum,
    top: logits.slice(0, top).map(([token, logit]) => [token, logit - logSum] as const),
  };
}
