import { z } from "zod";
import { AppError } from "@/lib/errors";
import { type ChatMessage, chatCompletionRequestSchema, parseInput } from "@/lib/protocol";
import { formatFieldNames, parseResponseFormat, parseTools, toolFieldNames } from "./chat-tools";
import { outputGrammar } from "./output-grammar";
import {
  maxTopLogprobs,
  type NeutralValues,
  parseSamplingFields,
  refuseUnknown,
  samplingFieldsSchema,
  unsupported,
} from "./sampling-fields";
import type { GenerateRequest, InlineImage, ToolCall, Turn } from "./types";

/**
 * From the body of `POST /v1/chat/completions` to a {@link GenerateRequest}. Whatever would change the answer and is
 * not honoured is refused by name, never ignored. Source: OpenAI API reference, "Create chat completion".
 */

export type ChatRequest = {
  generate: GenerateRequest;
  /** Answers to give, each with a seed of its own. */
  choices: number;
  isStream: boolean;
  includesUsage: boolean;
};

/** Parameters of chats alone. */
const chatFieldsSchema = z.object({
  max_completion_tokens: z.number().int().min(1).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().min(0).max(maxTopLogprobs).nullish(),
});
const honoured = new Set([
  "model",
  "messages",
  ...Object.keys(samplingFieldsSchema.shape),
  ...Object.keys(chatFieldsSchema.shape),
  ...toolFieldNames,
  ...formatFieldNames,
]);

/** Parameters of chats that are not honoured, and the values at which they change nothing. */
const neutralValues: NeutralValues = {
  functions: isEmptyArray,
  function_call: (value) => value === "none",
  modalities: (value) => Array.isArray(value) && value.length === 1 && value[0] === "text",
};

/**
 * Errors: `invalid_request` or `unsupported_parameter`, with `param`.
 *
 * @param readsImages whether a model offers "vision"; others refuse images
 */
export function parseChatRequest(
  body: unknown,
  readsImages: (model: string) => boolean = () => false,
): ChatRequest {
  const { model, messages } = parseInput(chatCompletionRequestSchema, body);
  const mayHaveImages = readsImages(model);
  const fields = body as Record<string, unknown>;
  refuseUnknown(fields, honoured, neutralValues);
  const parameters = parseInput(chatFieldsSchema, fields);
  const sampled = parseSamplingFields(fields);
  const tools = parseTools(fields);
  const schema = parseResponseFormat(fields);
  if (tools !== undefined && parameters.logprobs === true)
    throw unsupported("logprobs", "logprobs with tools");
  const grammar = outputGrammar(schema, tools);
  if (grammar !== undefined && sampled.generate.ignoresEndOfTurn) {
    throw unsupported("ignore_eos", "ignore_eos with tools or a response_format");
  }
  return {
    isStream: sampled.isStream,
    includesUsage: sampled.includesUsage,
    choices: sampled.choices,
    generate: {
      model,
      prompt: { kind: "chat", turns: messages.map((message, at) => toTurn(message, at, mayHaveImages)) },
      ...sampled.generate,
      maxTokens: parameters.max_completion_tokens ?? sampled.generate.maxTokens,
      topLogprobs: topLogprobs(parameters.logprobs, parameters.top_logprobs),
      ...(schema === null ? {} : { schema }),
      ...(tools === undefined ? {} : { tools }),
      ...(grammar === undefined ? {} : { grammar }),
    },
  };
}

function topLogprobs(
  isAsked: boolean | null | undefined,
  top: number | null | undefined,
): number | undefined {
  if (isAsked === true) return top ?? 0;
  if (top === null || top === undefined || top === 0) return undefined;
  throw new AppError("invalid_request", {
    message: "top_logprobs needs logprobs: true.",
    param: "top_logprobs",
  });
}

function toTurn(message: ChatMessage, index: number, mayHaveImages: boolean): Turn {
  const at = `messages[${index}]`;
  if (message.role === "function") throw unsupported(`${at}.role`);
  for (const field of ["function_call", "audio"]) {
    const value = message[field];
    if (value !== undefined && value !== null) throw unsupported(`${at}.${field}`);
  }
  const toolCalls = toToolCalls(message, at);
  const hasNoText = message.content === null || message.content === undefined;
  const images = mayHaveImages && message.role === "user" ? imagesOf(message.content, at) : [];
  return {
    // Since 2024 OpenAI's clients send instructions as `developer`; chat templates know them as `system`.
    role: message.role === "developer" ? "system" : message.role,
    content: hasNoText && toolCalls.length > 0 ? "" : toText(message.content, at, images.length > 0),
    ...(images.length === 0 ? {} : { images }),
    name: message.name,
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
    ...(message.role === "tool" ? { toolCallId: toToolCallId(message, at) } : {}),
  };
}

const toolCallsSchema = z.array(
  z.looseObject({
    id: z.string(),
    type: z.literal("function"),
    function: z.looseObject({ name: z.string().min(1), arguments: z.string() }),
  }),
);

function toToolCalls(message: ChatMessage, at: string): ToolCall[] {
  const value = message["tool_calls"];
  if (value === undefined || value === null || isEmptyArray(value)) return [];
  if (message.role !== "assistant") throw unsupported(`${at}.tool_calls`);
  const result = toolCallsSchema.safeParse(value);
  if (result.success) {
    return result.data.map(({ id, function: { name, arguments: text } }) => ({ id, name, arguments: text }));
  }
  const issue = result.error.issues[0];
  const param = `${at}.tool_calls.${issue?.path.join(".") ?? ""}`;
  throw new AppError("invalid_request", { message: `${param}: ${issue?.message ?? "not valid"}.`, param });
}

function toToolCallId(message: ChatMessage, at: string): string {
  const id = message["tool_call_id"];
  if (typeof id === "string" && id !== "") return id;
  const param = `${at}.tool_call_id`;
  throw new AppError("invalid_request", { message: `${param} is missing.`, param });
}

function toText(content: ChatMessage["content"], at: string, hasImages: boolean): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) {
    throw new AppError("invalid_request", { message: `${at}.content is missing.`, param: `${at}.content` });
  }
  const texts = content.flatMap((part, index) => {
    const param = `${at}.content[${index}]`;
    if (part.type === "image_url" && hasImages) return [];
    if (part.type !== "text") throw unsupported(`${param}.type`, `Content of type "${part.type}"`);
    if (part.text === undefined) {
      throw new AppError("invalid_request", { message: `${param}.text is missing.`, param: `${param}.text` });
    }
    return [part.text];
  });
  return texts.join("\n");
}

const imageUrlSchema = z.looseObject({ url: z.string() });
const dataUrlPattern = /^data:(image\/[a-z0-9.+-]+);base64,([A-Za-z0-9+/]+={0,2})$/;

/** Images of a message, which have to be in the request itself. */
function imagesOf(content: ChatMessage["content"], at: string): InlineImage[] {
  if (!Array.isArray(content)) return [];
  return content.flatMap((part, index): InlineImage[] => {
    if (part.type !== "image_url") return [];
    const param = `${at}.content[${index}].image_url`;
    const parsed = imageUrlSchema.safeParse(part["image_url"]);
    const found = parsed.success ? dataUrlPattern.exec(parsed.data.url) : null;
    const [, mediaType, data] = found ?? [];
    if (mediaType === undefined || data === undefined) {
      const message = "An image has to be a data URL, data:image/…;base64,…; nothing is fetched.";
      throw new AppError("invalid_request", { message, param });
    }
    return [{ mediaType, bytes: Buffer.from(data, "base64") }];
  });
}

function isEmptyArray(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
