import { z } from "zod";
import { AppError } from "@/lib/errors";
import { parseInput } from "@/lib/protocol";
import type { GenerateRequest } from "./types";

/** What chats and raw completions have in common. Source: OpenAI API reference; `top_k` and the like are llama-server's and vLLM's. */

const maxStopStrings = 16;

const maxChoices = 8;
export const maxTopLogprobs = 20;
const maxBiases = 1024;

const logitBiasSchema = z
  .record(z.string().regex(/^\d{1,9}$/, "the keys are token ids"), z.number().min(-100).max(100))
  .refine((biases) => Object.keys(biases).length <= maxBiases, `at most ${maxBiases} tokens`);

const nonEmptyText = z.string().min(1, "a stop string must not be empty");

export const samplingFieldsSchema = z.object({
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.number().int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.number().int().min(-1).max(1_000_000).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  seed: z.number().int().nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  repeat_penalty: z.number().min(0.01).max(10).nullish(),
  stop: z.union([nonEmptyText, z.array(nonEmptyText).max(maxStopStrings)]).nullish(),
  ignore_eos: z.boolean().nullish(),
  cache_prompt: z.boolean().nullish(),
  n: z.number().int().min(1).max(maxChoices).nullish(),
  logit_bias: logitBiasSchema.nullish(),
});

/** Parameters that do not change the answer, whatever their value. */
const harmless = new Set([
  "user",
  "metadata",
  "safety_identifier",
  "prompt_cache_key",
  "prompt_cache_retention",
]);

/** Values at which a parameter that is not honoured changes nothing. */
export type NeutralValues = Readonly<Record<string, (value: unknown) => boolean>>;

const neutralEverywhere: NeutralValues = {
  store: (value) => value === false,
  service_tier: (value) => value === "auto" || value === "default",
};

type SamplingFields = {
  isStream: boolean;
  includesUsage: boolean;
  /** Answers to give, each with a seed of its own. */
  choices: number;
  generate: Omit<GenerateRequest, "model" | "prompt">;
};

/** Errors: `invalid_request` with `param`. */
export function parseSamplingFields(fields: Readonly<Record<string, unknown>>): SamplingFields {
  const parameters = parseInput(samplingFieldsSchema, fields);
  return {
    isStream: parameters.stream === true,
    includesUsage: parameters.stream_options?.include_usage === true,
    choices: parameters.n ?? 1,
    generate: {
      maxTokens: parameters.max_tokens ?? null,
      stop: typeof parameters.stop === "string" ? [parameters.stop] : (parameters.stop ?? []),
      ignoresEndOfTurn: parameters.ignore_eos === true,
      mayReusePrefix: parameters.cache_prompt !== false,
      sampling: {
        temperature: parameters.temperature ?? undefined,
        topP: parameters.top_p ?? undefined,
        topK: parameters.top_k === -1 ? 0 : (parameters.top_k ?? undefined),
        minP: parameters.min_p ?? undefined,
        seed: parameters.seed ?? undefined,
        frequencyPenalty: parameters.frequency_penalty ?? undefined,
        presencePenalty: parameters.presence_penalty ?? undefined,
        repeatPenalty: parameters.repeat_penalty ?? undefined,
        logitBias: parameters.logit_bias ?? undefined,
      },
    },
  };
}

/** Errors: `unsupported_parameter` for a field that is neither honoured nor without effect. */
export function refuseUnknown(
  fields: Readonly<Record<string, unknown>>,
  honoured: ReadonlySet<string>,
  neutralValues: NeutralValues,
): void {
  const neutral = { ...neutralEverywhere, ...neutralValues };
  for (const [name, value] of Object.entries(fields)) {
    if (value === null || value === undefined || honoured.has(name) || harmless.has(name)) continue;
    const isNeutral = Object.hasOwn(neutral, name) && neutral[name]?.(value) === true;
    if (!isNeutral) throw unsupported(name);
  }
}

export function unsupported(param: string, subject = `The parameter "${param}"`): AppError {
  return new AppError("unsupported_parameter", { message: `${subject} is not supported here.`, param });
}
