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

const tokenInputError = "must be a text, a list of texts, token ids, or a list of lists of token ids";
/** Texts, or lists of token ids, in one request: more of them than any engine takes. */
const maxInputs = 10_000;
const tokenIds = { type: "array", items: { type: "integer" } };

/**
 * A prompt, or what is to be embedded. A union of lists would look at a million token ids once for each kind of list, and
 * write down a fault for each that is of another kind: here the first element says the kind, and the first that is of another
 * ends it.
 */
export const tokenInputField = z
  .unknown()
  .superRefine((value, context) => {
    if (value === undefined) context.addIssue({ code: "custom", message: "is required" });
    else if (Array.isArray(value) && typeof value[0] !== "number" && value.length > maxInputs) {
      context.addIssue({ code: "custom", message: `at most ${maxInputs} are taken` });
    } else {
      const path = faultOfTokenInput(value);
      if (path !== null) context.addIssue({ code: "custom", message: tokenInputError, path });
    }
  })
  .meta({
    anyOf: [
      { type: "string" },
      { type: "array", items: { type: "string" } },
      tokenIds,
      { type: "array", items: tokenIds },
    ],
  });

/** Where it is neither text nor token ids nor a list of one of them; null where it is. */
function faultOfTokenInput(value: unknown): number[] | null {
  if (typeof value === "string") return null;
  if (!Array.isArray(value)) return [];
  const [first] = value as unknown[];
  if (!Array.isArray(first)) {
    const isOfKind = typeof first === "string" ? isText : isTokenId;
    const at = value.findIndex((element) => !isOfKind(element));
    return at === -1 ? null : [at];
  }
  for (const [at, list] of value.entries()) {
    if (!Array.isArray(list)) return [at];
    const within = list.findIndex((element) => !isTokenId(element));
    if (within !== -1) return [at, within];
  }
  return null;
}

const isText = (value: unknown): boolean => typeof value === "string";
const isTokenId = (value: unknown): boolean => Number.isSafeInteger(value);

const stopError = { error: "must be a string or a list of strings" };

export const streamOptionsSchema = z
  .looseObject({
    include_usage: boolean().nullish().describe("One more chunk before `[DONE]`, with the usage."),
    include_obfuscation: boolean().nullish().describe("Only `false`."),
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

export const usageDetailsSchema = z.looseObject({ cached_tokens: z.int().nonnegative().nullish() });

/** Exact counts. Source: OpenAI API reference, "The chat completion object". */
export const tokenUsageSchema = z.looseObject({
  prompt_tokens: z.int().nonnegative(),
  completion_tokens: z.int().nonnegative(),
  total_tokens: z.int().nonnegative(),
  prompt_tokens_details: usageDetailsSchema
    .nullish()
    .describe("`cached_tokens`: what did not have to be evaluated again."),
});

/** Engines have words of their own: what is none of OpenAI's means that the answer has ended, as `stop` does. */
export const finishReasonField = z
  .string()
  .describe(
    "`stop`, `length`, `tool_calls`, `content_filter`, or a word of the engine's own, such as `abort`.",
  );
