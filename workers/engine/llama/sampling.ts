import type { LlamaGrammarEvaluationState, SequenceEvaluateOptions, Token, TokenBias } from "node-llama-cpp";
import type { SamplingParameters } from "../types";
import type { RawLogprobs } from "./raw-logprobs";

/** llama.cpp's own defaults, which GGUF models are usually tried with. */
export const defaultSampling = { temperature: 0.8, topK: 40, topP: 0.95, minP: 0.05 } as const;

/** Generated tokens that the penalties look back on. */
const maxPenaltyTokens = 4096;

export type LlamaSampling = SamplingParameters & {
  seed: number;
  ignoresEndOfTurn: boolean;
  /** The answer so far, for the penalties. */
  generated: readonly number[];
  maxTokens: number;
  tokenBias?: TokenBias;
  grammar?: LlamaGrammarEvaluationState;
  /** Takes what the model gave to each sampled token, before the token itself is handed on. */
  logprobs?: { top: number; take(raw: RawLogprobs): void };
};

export function toEvaluateOptions(sampling: LlamaSampling): SequenceEvaluateOptions {
  const { frequencyPenalty = 0, presencePenalty = 0, repeatPenalty = 1 } = sampling;
  const isPenalised = frequencyPenalty !== 0 || presencePenalty !== 0 || repeatPenalty !== 1;
  return {
    temperature: sampling.temperature ?? defaultSampling.temperature,
    topK: sampling.topK ?? defaultSampling.topK,
    topP: sampling.topP ?? defaultSampling.topP,
    minP: sampling.minP ?? defaultSampling.minP,
    seed: toUint32(sampling.seed),
    yieldEogToken: sampling.ignoresEndOfTurn,
    ...(sampling.grammar === undefined ? {} : { grammarEvaluationState: sampling.grammar }),
    ...(sampling.tokenBias === undefined ? {} : { tokenBias: sampling.tokenBias }),
    ...(isPenalised
      ? {
          repeatPenalty: {
            punishTokens: () => sampling.generated.slice(-maxPenaltyTokens) as Token[],
            // The same at every step: the addon builds its penalty sampler anew when this changes.
            maxPunishTokens: Math.min(sampling.maxTokens, maxPenaltyTokens),
            penalty: repeatPenalty,
            frequencyPenalty,
            presencePenalty,
          },
        }
      : {}),
  };
}

/** llama.cpp takes 32 bits; folding keeps far-apart and negative seeds distinct. */
function toUint32(seed: number): number {
  return Number(BigInt.asUintN(32, BigInt(seed) ^ (BigInt(seed) >> 32n)));
}
