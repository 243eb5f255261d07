import { z } from "zod";
import { boolean, integer, modelField, neutralFields, number, required, text } from "./fields";

/** One item of `input`; what it must hold depends on its `type`, and an absent one stands for `message`. */
const inputItemSchema = z.looseObject({
  type: z
    .string()
    .optional()
    .describe("`message` (default), `function_call`, `function_call_output`, `reasoning` (passed over)."),
  role: z.string().optional(),
  content: z
    .union([z.string(), z.array(z.looseObject({ type: z.string() }))], {
      error: "must be a text or a list of parts",
    })
    .nullish(),
});
export type ResponseInputItem = z.infer<typeof inputItemSchema>;

export const responseToolSchema = z.looseObject({
  type: z.string().describe("`function`; any other is refused by name."),
  name: text().optional(),
  description: text().nullish(),
  parameters: z.record(z.string(), z.unknown(), { error: "must be a JSON Schema" }).nullish(),
  strict: boolean().nullish(),
});
export type ResponseTool = z.infer<typeof responseToolSchema>;

const textFormatSchema = z.looseObject({
  type: z.string(),
  name: text().optional(),
  description: text().nullish(),
  schema: z.record(z.string(), z.unknown(), { error: "must be a JSON Schema" }).optional(),
  strict: boolean().nullish(),
});

/** `POST /v1/responses`, without a memory: every request holds the whole conversation. Source: OpenAI API reference, "Create a model response". */
export const responseParamsSchema = z.looseObject({
  model: modelField,
  input: z
    .union(
      [z.string(), z.array(inputItemSchema).min(1, "must not be empty")],
      required("a text or a list of items"),
    )
    .describe("A text of the user, or the conversation's items, oldest first."),
  instructions: text().nullish().describe("Goes before the conversation, as a system message."),
  stream: boolean().nullish().describe("Answer as events, `response.created` to `response.completed`."),
  stream_options: z
    .looseObject({ include_obfuscation: boolean().nullish().describe("Only `false`.") })
    .nullish()
    .describe("Only together with `stream`."),
  max_output_tokens: integer().nullish().describe("Most tokens of the answer."),
  temperature: number().nullish(),
  top_p: number().nullish(),
  top_logprobs: integer().nullish().describe("Likeliest alternatives at each place, up to 20."),
  include: z.array(z.string()).nullish().describe("`message.output_text.logprobs`."),
  text: z
    .looseObject({ format: textFormatSchema.nullish(), verbosity: text().nullish() })
    .nullish()
    .describe("`format`: `text`, `json_object`, or `json_schema` with `name` and `schema`."),
  tools: z.array(responseToolSchema).nullish().describe("Functions that the model may call."),
  tool_choice: z
    .union([z.string(), z.looseObject({ type: z.string() })], { error: "must be a string or an object" })
    .nullish()
    .describe('`none`, `auto`, `required`, or `{"type": "function", "name": …}`.'),
  parallel_tool_calls: boolean().nullish(),
  reasoning: z
    .looseObject({ effort: text().nullish(), summary: text().nullish() })
    .nullish()
    .describe("`effort`: engine permitting."),
  truncation: text().nullish().describe("Only `disabled`."),
  background: boolean().nullish().describe("Only `false`."),
  previous_response_id: text().nullish().describe("Refused: nothing is stored here."),
  conversation: z
    .union([z.string(), z.looseObject({})], { error: "must be a string or an object" })
    .nullish()
    .describe("Refused: nothing is stored here."),
  prompt: z.looseObject({}).nullish().describe("Refused: nothing is stored here."),
  max_tool_calls: integer().nullish().describe("Refused: no tool runs on the server."),
  user: text().nullish().describe("Passed over."),
  ...neutralFields,
});
export type ResponseParams = z.infer<typeof responseParamsSchema>;

export const outputTextSchema = z.looseObject({
  type: z.literal("output_text"),
  text: z.string(),
  annotations: z.array(z.looseObject({})),
  logprobs: z.array(z.looseObject({})),
});
const itemStatusField = z.enum(["in_progress", "completed", "incomplete"]);

export const outputItemSchema = z.union([
  z.looseObject({
    type: z.literal("message"),
    id: z.string(),
    status: itemStatusField,
    role: z.literal("assistant"),
    content: z.array(outputTextSchema),
  }),
  z.looseObject({
    type: z.literal("function_call"),
    id: z.string(),
    status: itemStatusField,
    call_id: z.string(),
    name: z.string(),
    arguments: z.string(),
  }),
]);
export type OutputItem = z.infer<typeof outputItemSchema>;
export type OutputText = z.infer<typeof outputTextSchema>;

export const responseUsageSchema = z.looseObject({
  input_tokens: z.int(),
  input_tokens_details: z.looseObject({ cached_tokens: z.int() }),
  output_tokens: z.int(),
  output_tokens_details: z.looseObject({ reasoning_tokens: z.int() }),
  total_tokens: z.int(),
});

/** Source: OpenAI API reference, "The response object". */
export const responseSchema = z.looseObject({
  id: z.string(),
  object: z.literal("response"),
  created_at: z.int(),
  status: z.enum(["in_progress", "completed", "incomplete", "failed"]),
  error: z.looseObject({ code: z.string(), message: z.string() }).nullable(),
  incomplete_details: z.looseObject({ reason: z.enum(["max_output_tokens", "content_filter"]) }).nullable(),
  model: z.string(),
  output: z.array(outputItemSchema),
  usage: responseUsageSchema.nullable(),
});
export type ResponseObject = z.infer<typeof responseSchema>;
