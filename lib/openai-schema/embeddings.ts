import { z } from "zod";
import { integer, modelField, required, text, tokenInputField } from "./fields";

/** `POST /v1/embeddings`. Source: OpenAI API reference, "Create embeddings". */
export const embeddingParamsSchema = z.looseObject({
  model: modelField,
  input: tokenInputField,
  encoding_format: z
    .enum(["float", "base64"], { error: "must be float or base64" })
    .nullish()
    .describe("`base64`: 32-bit floats, least significant byte first."),
  dimensions: integer().nullish().describe("Engine permitting."),
  user: text().nullish().describe("Passed over."),
});
export type EmbeddingParams = z.infer<typeof embeddingParamsSchema>;

export const embeddingListSchema = z.looseObject({
  object: z.literal("list"),
  model: z.string(),
  data: z.array(
    z.looseObject({
      object: z.literal("embedding"),
      index: z.int(),
      embedding: z.union([z.array(z.number()), z.string()]).describe("A vector of length 1, or its base64."),
    }),
  ),
  usage: z.looseObject({ prompt_tokens: z.int(), total_tokens: z.int() }),
});

/** `POST /v1/tokenize`, our own. */
export const tokenizeParamsSchema = z.looseObject({
  model: modelField,
  input: z.string(required("a string")).describe("A raw text; no chat template is put around it."),
});

export const tokenizeAnswerSchema = z.looseObject({
  count: z.int().nonnegative(),
  tokens: z.array(z.int()).describe("The ids that `/v1/completions` has for the same text."),
});
