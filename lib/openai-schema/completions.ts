import { z } from "zod";
import {
  boolean,
  finishReasonField,
  integer,
  modelField,
  neutralFields,
  samplingFields,
  text,
  tokenInputField,
  tokenUsageSchema,
} from "./fields";

/** `POST /v1/completions`. Source: OpenAI API reference, "Create completion". */
export const completionParamsSchema = z.looseObject({
  model: modelField,
  prompt: tokenInputField.describe("What the model goes on from; no chat template is put around it."),
  ...samplingFields,
  logprobs: integer().nullish().describe("Likeliest alternatives at each place, up to 20."),
  echo: boolean().nullish().describe("Give the prompt back before the answer."),
  best_of: integer().nullish().describe("Only 1, or the same as `n`."),
  suffix: text().nullish().describe("Engine permitting."),
  ...neutralFields,
});
export type CompletionParams = z.infer<typeof completionParamsSchema>;

export const completionSchema = z.looseObject({
  id: z.string(),
  object: z.literal("text_completion"),
  created: z.int(),
  model: z.string(),
  choices: z.array(
    z.looseObject({
      index: z.int(),
      text: z.string(),
      logprobs: z.looseObject({}).nullish(),
      finish_reason: finishReasonField.nullable(),
    }),
  ),
  usage: tokenUsageSchema.optional(),
});
