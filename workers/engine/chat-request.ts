import { z } from "zod";
import { AppError } from "@/lib/errors";
import { type ChatMessage, chatCompletionRequestSchema, parseInput } from "@/lib/protocol";
import { formatFieldNames, parseResponseFormat, parseTools, toolFieldNames } from "./chat-tools";
import { outputGrammar } from "./output-grammar";
import type { GenerateRequest, ToolCall, Turn } from "./types";

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

const maxStopStrings = 16;

const maxChoices = 8;
const maxTopLogprobs = 20;
const maxBiases = 1024;

const logitBiasSchema = z
  .record(z.string().regex(/^\d{1,9}$/, "the keys are token ids"), z.number().min(-100).max(100))
  .refine((biases) => Object.keys(biases).length <= maxBiases, `at most ${maxBiases} tokens`);

const nonEmptyText = z.string().min(1, "a stop string must not be empty");

/** Parameters that are honoured, besides `model` and `messages`. */
const honouredSchema = z.object({
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.number().int().min(1).nullish(),
  max_completion_tokens: z.number().int().min(1).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  top_k: z.number().int().min(-1).max(1_000_000).nullish(),
  min_p: z.number().min(0).max(1).nullish(),
  seed: z.number().int().nullish(),
  frequency_penalty: z.number().min(-2).max(2).nullish(),
  presence_penalty: z.number().min(-2).max(2).nullish(),
  repeat_penalty: z.number().min(0.01).max(10).nullish(),
  stop: z.union([nonEmptyText, z.array(nonEmptyText).max(maxStopStrings)]).nullish(),
  ignore_eos: z.boolean().nullish(),
  cache_prompt: z.boolean().nullish(),
  n: z.number().int().min(1).max(maxChoices).nullish(),
  logit_bias: logitBiasSchema.nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().min(0).max(maxTopLogprobs).nullish(),
});
const honoured = new Set([
  "model",
  "messages",
  ...Object.keys(honouredSchema.shape),
  ...toolFieldNames,
  ...formatFieldNames,
]);

/** Parameters that do not change the answer, whatever their value. */
const harmless = new Set([
  "user",
  "metadata",
  "safety_identifier",
  "prompt_cache_key",
  "prompt_cache_retention",
]);

/** Parameters that are not honoured, and the values at which they change nothing. */
const neutralValues: Readonly<Record<string, (value: unknown) => boolean>> = {
  functions: isEmptyArray,
  function_call: (value) => value === "none",
  modalities: (value) => Array.isArray(value) && value.length === 1 && value[0] === "text",
  store: (value) => value === false,
  service_tier: (value) => value === "auto" || value === "default",
};

/** Errors: `invalid_request` or `unsupported_parameter`, with `param`. */
export function parseChatRequest(body: unknown): ChatRequest {
  const { model, messages } = parseInput(chatCompletionRequestSchema, body);
  const fields = body as Record<string, unknown>;
  for (const [name, value] of Object.entries(fields)) refuseUnsupported(name, value);
  const parameters = parseInput(honouredSchema, fields);
  const tools = parseTools(fields);
  const schema = parseResponseFormat(fields);
  if (tools !== undefined && parameters.logprobs === true)
    throw unsupported("logprobs", "logprobs with tools");
  const grammar = outputGrammar(schema, tools);
  if (grammar !== undefined && parameters.ignore_eos === true) {
    throw unsupported("ignore_eos", "ignore_eos with tools or a response_format");
  }
  return {
    isStream: parameters.stream === true,
    includesUsage: parameters.stream_options?.include_usage === true,
    choices: parameters.n ?? 1,
    generate: {
      model,
      prompt: { kind: "chat", turns: messages.map(toTurn) },
      maxTokens: parameters.max_completion_tokens ?? parameters.max_tokens ?? null,
      stop: typeof parameters.stop === "string" ? [parameters.stop] : (parameters.stop ?? []),
      ignoresEndOfTurn: parameters.ignore_eos === true,
      mayReusePrefix: parameters.cache_prompt !== false,
      sampling: {
        temperature: parameters.temperature ?? undefined,
        topP: parameters.top_p ?? undefined,
        topK: parameters.top_k === -1 ? 0 : (parameters.top_k ?? undefined),
        minP: parameters.min_p ?? undefined,
        seed: parameters.seed ?? undefined,
        frequencyPenalty: parameters.frequency_penalty ?? undefined,
        presencePenalty: parameters.presence_penalty ?? undefined,
        repeatPenalty: parameters.repeat_penalty ?? undefined,
        logitBias: parameters.logit_bias ?? undefined,
      },
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

function refuseUnsupported(name: string, value: unknown): void {
  if (value === null || value === undefined || honoured.has(name) || harmless.has(name)) return;
  const isNeutral = Object.hasOwn(neutralValues, name) && neutralValues[name]?.(value) === true;
  if (!isNeutral) throw unsupported(name);
}

function toTurn(message: ChatMessage, index: number): Turn {
  const at = `messages[${index}]`;
  if (message.role === "function") throw unsupported(`${at}.role`);
  for (const field of ["function_call", "audio"]) {
    const value = message[field];
    if (value !== undefined && value !== null) throw unsupported(`${at}.${field}`);
  }
  const toolCalls = toToolCalls(message, at);
  const hasNoText = message.content === null || message.content === undefined;
  return {
    // Since 2024 OpenAI's clients send instructions as `developer`; chat templates know them as `system`.
    role: message.role === "developer" ? "system" : message.role,
    content: hasNoText && toolCalls.length > 0 ? "" : toText(message.content, at),
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

function toText(content: ChatMessage["content"], at: string): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) {
    throw new AppError("invalid_request", { message: `${at}.content is missing.`, param: `${at}.content` });
  }
  const texts = content.map((part, index) => {
    const param = `${at}.content[${index}]`;
    if (part.type !== "text") throw unsupported(`${param}.type`, `Content of type "${part.type}"`);
    if (part.text === undefined) {
      throw new AppError("invalid_request", { message: `${param}.text is missing.`, param: `${param}.text` });
    }
    return part.text;
  });
  return texts.join("\n");
}

function unsupported(param: string, subject = `The parameter "${param}"`): AppError {
  return new AppError("unsupported_parameter", { message: `${subject} is not supported here.`, param });
}

function isEmptyArray(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
