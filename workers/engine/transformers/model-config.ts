import { z } from "zod";
import type { SamplingParameters } from "../types";

/** What is read of a model's own JSON files, which come from outside. */

const idsSchema = z.union([z.number().int(), z.array(z.number().int())]).nullish();

export const modelConfigSchema = z.looseObject({
  architectures: z.array(z.string()).nullish(),
  max_position_embeddings: z.number().int().positive().nullish(),
  /** GPT-2's name for it. */
  n_positions: z.number().int().positive().nullish(),
  eos_token_id: idsSchema,
  is_encoder_decoder: z.boolean().nullish(),
});
export type ModelConfig = z.infer<typeof modelConfigSchema>;

export const generationConfigSchema = z.looseObject({
  eos_token_id: idsSchema,
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.number().int().min(0).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  repetition_penalty: z.number().positive().nullish(),
});
export type GenerationConfig = z.infer<typeof generationConfigSchema>;

export const tokenizerConfigSchema = z.looseObject({
  chat_template: z
    .union([z.string(), z.array(z.looseObject({ name: z.string(), template: z.string() }))])
    .nullish(),
  /** Often 1e30 for "none". */
  model_max_length: z.number().positive().nullish(),
});
export type TokenizerConfig = z.infer<typeof tokenizerConfigSchema>;

/** llama.cpp's defaults, as the other engine's, where the model names none of its own. */
export function defaultSampling(config: GenerationConfig | null) {
  return {
    temperature: config?.temperature ?? 0.8,
    topK: config?.top_k ?? 40,
    topP: config?.top_p ?? 0.95,
    minP: config?.min_p ?? 0.05,
    repeatPenalty: config?.repetition_penalty ?? 1,
    frequencyPenalty: 0,
    presencePenalty: 0,
  } satisfies SamplingParameters;
}

const fallbackContextLength = 2048;
/** RoBERTa's positions begin behind the padding's own. */
const positionOffset = 2;

/** Tokens that the model can take. */
export function contextLengthOf(config: ModelConfig, tokenizer: TokenizerConfig | null): number {
  const positions = config.max_position_embeddings ?? config.n_positions ?? fallbackContextLength;
  const isOffset = config.architectures?.some((name) => /roberta|camembert|mpnet/i.test(name)) === true;
  const own = isOffset ? positions - positionOffset : positions;
  return Math.min(own, tokenizer?.model_max_length ?? own);
}

/** Ends of a turn that llama.cpp takes for such in any vocabulary. Source: `llama-vocab.cpp`. */
const turnEnds = ["<|im_end|>", "<|eot_id|>", "<|end|>", "<end_of_turn>", "<|end_of_text|>", "<|endoftext|>"];

/** Ids that end an answer: those that the files name, and well-known control tokens. */
export function endOfTurnIds(
  configs: readonly (Pick<ModelConfig, "eos_token_id"> | null)[],
  controlTokens: ReadonlyMap<string, number>,
): ReadonlySet<number> {
  const named = configs.flatMap((config) => config?.eos_token_id ?? []);
  const known = turnEnds.flatMap((text) => controlTokens.get(text) ?? []);
  return new Set([...named, ...known]);
}

/** The template for conversations; null: none. Newer models have it in a file of its own. */
export function chatTemplateOf(tokenizer: TokenizerConfig | null, file: string | null): string | null {
  if (file !== null) return file;
  const template = tokenizer?.chat_template ?? null;
  if (!Array.isArray(template)) return template;
  return template.find(({ name }) => name === "default")?.template ?? null;
}
