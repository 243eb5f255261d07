import { z } from "zod";
import { chatMessageSchema } from "@/lib/protocol";
import {
  boolean,
  finishReasonField,
  integer,
  modelField,
  neutralFields,
  required,
  samplingFields,
  text,
  tokenUsageSchema,
} from "./fields";

const functionSchema = z.looseObject({
  name: z.string().min(1),
  description: text().nullish(),
  parameters: z
    .record(z.string(), z.unknown(), { error: "must be a JSON Schema" })
    .nullish()
    .describe("JSON Schema of the arguments."),
  strict: boolean().nullish(),
});

export const chatToolSchema = z.looseObject({
  type: z.string().describe("`function`; any other is refused by name."),
  function: functionSchema.optional(),
});

export const toolChoiceSchema = z
  .union([z.string(), z.looseObject({ type: z.string() })], { error: "must be a string or an object" })
  .describe('`none`, `auto`, `required`, or `{"type": "function", "function": {"name": …}}`.');

export const responseFormatSchema = z
  .looseObject({
    type: z.string(),
    json_schema: z
      .looseObject({ name: text().optional(), schema: z.record(z.string(), z.unknown()).optional() })
      .optional(),
  })
  .describe("`text`, `json_object`, or `json_schema` with the schema that the answer will keep to.");

/** `POST /v1/chat/completions`. Fields that are not named pass to the engine. Source: OpenAI API reference, "Create chat completion". */
export const chatParamsSchema = z.looseObject({
  model: modelField,
  messages: z
    .array(chatMessageSchema, required("a list of messages"))
    .min(1, "must not be empty")
    .describe("The conversation so far, oldest message first."),
  ...samplingFields,
  max_completion_tokens: integer().nullish().describe("As `max_tokens`, and goes before it."),
  logprobs: boolean().nullish().describe("Log-probabilities of the answer's tokens."),
  top_logprobs: integer()
    .nullish()
    .describe("Likeliest alternatives at each place, up to 20; needs `logprobs`."),
  response_format: responseFormatSchema.nullish(),
  tools: z.array(chatToolSchema).nullish().describe("Functions that the model may call."),
  tool_choice: toolChoiceSchema.nullish(),
  parallel_tool_calls: boolean().nullish(),
  functions: z.array(z.looseObject({})).nullish().describe("Out of date: use `tools`."),
  function_call: z
    .union([z.string(), z.looseObject({})], { error: "must be a string or an object" })
    .nullish()
    .describe("Out of date: use `tool_choice`."),
  modalities: z.array(z.string()).nullish().describe('Only `["text"]`.'),
  audio: z.looseObject({}).nullish().describe("Engine permitting."),
  prediction: z.looseObject({}).nullish().describe("Engine permitting."),
  reasoning_effort: text().nullish().describe("Engine permitting."),
  verbosity: text().nullish().describe("Engine permitting."),
  web_search_options: z.looseObject({}).nullish().describe("Engine permitting."),
  ...neutralFields,
});
export type ChatParams = z.infer<typeof chatParamsSchema>;

const toolCallSchema = z.looseObject({
  id: z.string(),
  type: z.literal("function"),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});

export const chatCompletionSchema = z.looseObject({
  id: z.string(),
  object: z.literal("chat.completion"),
  created: z.int().describe("Seconds since the epoch."),
  model: z.string(),
  choices: z.array(
    z.looseObject({
      index: z.int(),
      message: z.looseObject({
        role: z.literal("assistant"),
        content: z.string().nullish(),
        tool_calls: z.array(toolCallSchema).nullish(),
      }),
      logprobs: z.looseObject({}).nullish(),
      finish_reason: finishReasonField.nullish(),
    }),
  ),
  usage: tokenUsageSchema.nullish(),
});
export type ChatCompletion = z.infer<typeof chatCompletionSchema>;

/** One chunk, as far as another form of answer is made of it; engines leave out, and put null for, much that OpenAI always sends. */
export const chatChunkSchema = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        index: z.int(),
        delta: z
          .looseObject({
            content: z.string().nullish(),
            tool_calls: z
              .array(
                z.looseObject({
                  index: z.int(),
                  id: z.string().nullish(),
                  function: z
                    .looseObject({ name: z.string().nullish(), arguments: z.string().nullish() })
                    .nullish(),
                }),
              )
              .nullish(),
          })
          .nullish(),
        logprobs: z.looseObject({ content: z.array(z.looseObject({})).nullish() }).nullish(),
        finish_reason: finishReasonField.nullish(),
      }),
    )
    .nullish(),
  usage: tokenUsageSchema.nullish(),
});
export type ChatChunk = z.infer<typeof chatChunkSchema>;
