import {
  chatLogprobs,
  constant,
  count,
  integer,
  list,
  nullable,
  number,
  object,
  oneOf,
  string,
  usage,
} from "./parts";

const finishReason = oneOf("stop", "length", "tool_calls", "content_filter", "function_call");

const toolCall = object({
  id: string,
  type: constant("function"),
  function: object({ name: string, arguments: string }),
});

/** Source: "The chat completion object", "The chat completion chunk object", "The completion object". */
export const chatShapes = {
  chatCompletion: object({
    id: string,
    object: constant("chat.completion"),
    created: integer,
    model: string,
    choices: list(
      object({
        index: count,
        message: object({
          role: constant("assistant"),
          content: nullable(string),
          refusal: nullable(string),
          "tool_calls?": list(toolCall),
        }),
        logprobs: chatLogprobs,
        finish_reason: finishReason,
      }),
    ),
    usage,
  }),
  chatChunk: object({
    id: string,
    object: constant("chat.completion.chunk"),
    created: integer,
    model: string,
    choices: list(
      object({
        index: count,
        delta: object({
          "role?": constant("assistant"),
          "content?": nullable(string),
          "tool_calls?": list(
            object({
              index: count,
              "id?": string,
              "type?": constant("function"),
              "function?": object({ "name?": string, "arguments?": string }),
            }),
          ),
        }),
        "logprobs?": chatLogprobs,
        finish_reason: nullable(finishReason),
      }),
    ),
    "usage?": nullable(usage),
  }),
  completion: object({
    id: string,
    object: constant("text_completion"),
    created: integer,
    model: string,
    choices: list(
      object({
        index: count,
        text: string,
        logprobs: nullable(
          object({
            tokens: list(string),
            token_logprobs: list(nullable(number)),
            top_logprobs: list(nullable({ type: "object", additionalProperties: number })),
            text_offset: list(count),
          }),
        ),
        finish_reason: nullable(oneOf("stop", "length", "content_filter")),
      }),
    ),
    "usage?": nullable(usage),
  }),
};
