import { z } from "zod";

/**
 * What several endpoints have in common. Only types are checked here: what is in range depends on the engine, which
 * refuses by name. Source: OpenAI API reference.
 */

/** For a field that must be there: says so where it is not, and else what it must be. */
export const required = (expected: string) => ({
  error: ({ input }: { input?: unknown }) => (input === undefined ? "is required" : `must be ${expected}`),
});

export const modelField = z
  .string(required("a string"))
  .min(1, "must not be empty")
  .max(256, "must have at most 256 characters")
  .describe("Name of a model, as `GET /v1/models` lists it.");

export const number = (): z.ZodNumber => z.number({ error: "must be a number" });
export const integer = (): z.ZodNumber => z.int({ error: "must be an integer" });
export const boolean = (): z.ZodBoolean => z.boolean({ error: "must be true or false" });
export const text = (): z.ZodString => z.string({ error: "must be a string" });

const stopError = { error: "must be a string or a list of strings" };

export const streamOptionsSchema = z
  .looseObject({
    include_usage: boolean().nullish().describe("One more chunk before `[DONE]`, with the usage."),
  })
  .describe("Only together with `stream`.");

/** Sampling parameters of chats and of raw completions. */
export const samplingFields = {
  stream: boolean().nullish().describe("Answer as server-sent events, a token at a time."),
  stream_options: streamOptionsSchema.nullish(),
  max_tokens: integer().nullish().describe("Most tokens of the answer."),
  temperature: number().nullish().describe("0: always the likeliest token; up to 2."),
  top_p: number()
    .nullish()
    .describe("Draw only from the likeliest tokens that together have this probability."),
  n: integer().nullish().describe("Answers to the same prompt."),
  seed: integer().nullish().describe("The same seed gives the same answer, as far as the engine can."),
  stop: z
    .union([z.string(), z.array(z.string())], stopError)
    .nullish()
    .describe("Texts at which the answer ends; they are not part of it."),
  frequency_penalty: number().nullish().describe("-2 to 2; above 0: fewer repetitions."),
  presence_penalty: number().nullish().describe("-2 to 2; above 0: more new words."),
  logit_bias: z
    .record(z.string(), number(), { error: "must be an object of numbers" })
    .nullish()
    .describe("Token id → what is added to its logit, -100 to 100."),
  user: text().nullish().describe("Passed over."),
};

/** Fields that change no answer here. */
export const neutralFields = {
  metadata: z
    .record(z.string(), z.string(), { error: "must be an object of strings" })
    .nullish()
    .describe("Passed over."),
  store: boolean().nullish().describe("Nothing is stored here: only `false` is taken."),
  service_tier: text().nullish().describe("Only `auto` and `default`."),
  safety_identifier: text().nullish().describe("Passed over."),
  prompt_cache_key: text().nullish().describe("Passed over."),
  prompt_cache_retention: text().nullish().describe("Passed over."),
};

export const usageDetailsSchema = z.looseObject({ cached_tokens: z.int().nonnegative().optional() });

/** Exact counts. Source: OpenAI API reference, "The chat completion object". */
export const tokenUsageSchema = z.looseObject({
  prompt_tokens: z.int().nonnegative(),
  completion_tokens: z.int().nonnegative(),
  total_tokens: z.int().nonnegative(),
  prompt_tokens_details: usageDetailsSchema
    .optional()
    .describe("`cached_tokens`: what did not have to be evaluated again."),
});

export const finishReasonField = z.enum(["stop", "length", "tool_calls", "content_filter", "function_call"]);
