import {
  anyObject,
  boolean,
  constant,
  count,
  integer,
  list,
  nullable,
  number,
  object,
  oneOf,
  string,
} from "./parts";

const itemStatus = oneOf("in_progress", "completed", "incomplete");

const tokenLogprob = object({
  token: string,
  logprob: number,
  "bytes?": list(count),
  "top_logprobs?": list(anyObject),
});

const outputText = object({
  type: constant("output_text"),
  text: string,
  annotations: list(anyObject),
  "logprobs?": list(tokenLogprob),
});

const message = object({
  type: constant("message"),
  id: string,
  status: itemStatus,
  role: constant("assistant"),
  content: list(outputText),
});

const functionCall = object({
  type: constant("function_call"),
  id: string,
  status: itemStatus,
  call_id: string,
  name: string,
  arguments: string,
});

const outputItem = { anyOf: [message, functionCall] };

const response = object({
  id: { type: "string", pattern: "^resp_" },
  object: constant("response"),
  created_at: integer,
  status: oneOf("completed", "failed", "in_progress", "cancelled", "queued", "incomplete"),
  background: nullable(boolean),
  error: nullable(object({ code: string, message: string })),
  incomplete_details: nullable(object({ reason: oneOf("max_output_tokens", "content_filter") })),
  instructions: nullable({ anyOf: [string, list(anyObject)] }),
  max_output_tokens: nullable(integer),
  metadata: nullable({ type: "object", additionalProperties: string }),
  model: string,
  output: list(outputItem),
  parallel_tool_calls: boolean,
  previous_response_id: nullable(string),
  reasoning: nullable(object({ effort: nullable(string), summary: nullable(string) })),
  service_tier: nullable(string),
  store: boolean,
  temperature: nullable(number),
  text: object({ format: object({ type: oneOf("text", "json_object", "json_schema") }) }),
  tool_choice: { anyOf: [oneOf("none", "auto", "required"), object({ type: string })] },
  tools: list(
    object({
      type: constant("function"),
      name: string,
      parameters: nullable(anyObject),
      strict: nullable(boolean),
    }),
  ),
  top_logprobs: nullable(integer),
  top_p: nullable(number),
  truncation: nullable(oneOf("auto", "disabled")),
  usage: nullable(
    object({
      input_tokens: count,
      input_tokens_details: object({ cached_tokens: count }),
      output_tokens: count,
      output_tokens_details: object({ reasoning_tokens: count }),
      total_tokens: count,
    }),
  ),
});

const event = (type: string, fields: Parameters<typeof object>[0]) =>
  object({ type: constant(type), sequence_number: count, ...fields });
const place = { item_id: string, output_index: count };
const textPlace = { ...place, content_index: count };

/** Source: "The response object", "Streaming events". */
export const responseShapes = {
  response,
  responseEvent: {
    anyOf: [
      ...["created", "in_progress", "completed", "incomplete", "failed"].map((name) =>
        event(`response.${name}`, { response }),
      ),
      event("response.output_item.added", { output_index: count, item: outputItem }),
      event("response.output_item.done", { output_index: count, item: outputItem }),
      event("response.content_part.added", { ...textPlace, part: outputText }),
      event("response.content_part.done", { ...textPlace, part: outputText }),
      event("response.output_text.delta", { ...textPlace, delta: string, logprobs: list(tokenLogprob) }),
      event("response.output_text.done", { ...textPlace, text: string, logprobs: list(tokenLogprob) }),
      event("response.function_call_arguments.delta", { ...place, delta: string }),
      event("response.function_call_arguments.done", { ...place, name: string, arguments: string }),
      event("error", { code: nullable(string), message: string, param: nullable(string) }),
    ],
  },
};
