import { z } from "zod";

/**
 * The parts of OpenAI's API that the server itself looks at. Schemas are loose: fields that are not named here pass
 * through to the engine, which honours them or refuses them by name. Source: OpenAI API reference, "Chat Completions".
 */

const textPartSchema = z.looseObject({ type: z.string(), text: z.string().optional() });

export const chatMessageSchema = z.looseObject({
  role: z.enum(["system", "developer", "user", "assistant", "tool", "function"]),
  content: z.union([z.string(), z.array(textPartSchema), z.null()]).optional(),
  name: z.string().optional(),
});
export type ChatMessage = z.infer<typeof chatMessageSchema>;

export const streamOptionsSchema = z.looseObject({ include_usage: z.boolean().optional() });

/** The least that `POST /v1/chat/completions` must hold for the controller to route it. */
export const chatCompletionRequestSchema = z.looseObject({
  model: z.string().min(1).max(256),
  messages: z.array(chatMessageSchema).min(1),
  stream: z.boolean().nullish(),
  stream_options: streamOptionsSchema.nullish(),
});
export type ChatCompletionRequest = z.infer<typeof chatCompletionRequestSchema>;

/** Exact token counts of one answer. */
export const usageSchema = z.looseObject({
  prompt_tokens: z.number().int().nonnegative(),
  completion_tokens: z.number().int().nonnegative(),
  total_tokens: z.number().int().nonnegative(),
  prompt_tokens_details: z.looseObject({ cached_tokens: z.number().int().nonnegative().nullish() }).nullish(),
});
export type Usage = z.infer<typeof usageSchema>;

const finishReasons = ["stop", "length", "tool_calls", "content_filter", "function_call"] as const;
export type FinishReason = (typeof finishReasons)[number];

/** Engines have words of their own, such as vLLM's `abort`: they say that the answer has ended, as `stop` does. */
export function toFinishReason(word: string): FinishReason {
  return finishReasons.find((reason) => reason === word) ?? "stop";
}

/** One `chat.completion.chunk` frame of a worker's stream, as far as the arena reads it. */
export const chatCompletionChunkSchema = z.looseObject({
  choices: z
    .array(
      z.looseObject({
        index: z.number().int(),
        delta: z.looseObject({ content: z.string().nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: usageSchema.nullish(),
  error: z
    .looseObject({ message: z.string().nullish(), code: z.union([z.string(), z.number()]).nullish() })
    .nullish(),
});
export type ChatCompletionChunk = z.infer<typeof chatCompletionChunkSchema>;

/** The body of an error answer of a worker or of an attached engine. */
export const openAiErrorBodySchema = z.looseObject({
  error: z.looseObject({
    message: z.string(),
    type: z.string().nullish(),
    param: z.string().nullish(),
    code: z.union([z.string(), z.number()]).nullish(),
  }),
});
