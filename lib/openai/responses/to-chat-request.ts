import { AppError } from "@/lib/errors";
import type { ResponseParams, ResponseTool } from "@/lib/openai-schema";
import { requireStreamOptions } from "../stream-options";
import { type ChatMessage, refused, toChatMessages } from "./to-chat-messages";

export type TranslatedRequest = {
  /** JSON for the worker's `/v1/chat/completions`. */
  body: string;
  messages: readonly ChatMessage[];
  /** From a field of the chat, as a worker names it, to the field of the response. */
  paramOf(chatParam: string): string;
};

/** Fields that are given to the worker under another name, or not at all. */
const translated = new Set([
  "input",
  "instructions",
  "max_output_tokens",
  "top_logprobs",
  "include",
  "text",
  "tools",
  "tool_choice",
  "reasoning",
  "stream_options",
  "truncation",
  "background",
  "store",
  "moderation",
  "prompt_cache_options",
]);

const logprobsIncluded = "message.output_text.logprobs";
/** Nothing is ever encrypted here, so asking for it changes nothing. */
const includable = new Set([logprobsIncluded, "reasoning.encrypted_content"]);

/** From a response's body to a chat's. Fields that OpenAI does not know pass. Errors: `unsupported_parameter`, `invalid_request`. */
export function toChatRequest(params: ResponseParams): TranslatedRequest {
  refuseWhatIsNotDone(params);
  const { messages, origins } = toChatMessages(params);
  const passing = Object.fromEntries(
    Object.entries(params).filter(([name, value]) => !translated.has(name) && value !== null),
  );
  const wantsLogprobs = params.include?.includes(logprobsIncluded) === true || (params.top_logprobs ?? 0) > 0;
  const tools = params.tools?.map(toChatTool);
  const chat = {
    ...passing,
    messages,
    ...given("max_completion_tokens", params.max_output_tokens),
    ...(wantsLogprobs ? { logprobs: true, top_logprobs: params.top_logprobs ?? 0 } : {}),
    ...(tools === undefined || tools.length === 0 ? {} : { tools }),
    ...given("tool_choice", toChatToolChoice(params.tool_choice)),
    ...given("response_format", toResponseFormat(params.text?.format)),
    ...given("verbosity", params.text?.verbosity),
    ...given("reasoning_effort", params.reasoning?.effort),
    ...(params.stream === true ? { stream_options: { include_usage: true } } : {}),
  };
  return { body: JSON.stringify(chat), messages, paramOf: (param) => toResponseParam(param, origins) };
}

function refuseWhatIsNotDone(params: ResponseParams): void {
  const isSet = (name: string): boolean => params[name] !== undefined && params[name] !== null;
  for (const name of ["previous_response_id", "conversation", "prompt"]) {
    if (isSet(name)) throw refused(name, `Nothing is stored here, so "${name}"`);
  }
  for (const name of ["max_tool_calls", "moderation", "context_management"]) {
    if (isSet(name)) throw refused(name, `The parameter "${name}"`);
  }
  if (params.store === true) throw refused("store", "Nothing is stored here, so store: true");
  if (params.background === true) throw refused("background", "background: true");
  if (isSet("truncation") && params.truncation !== "disabled") {
    throw refused("truncation", `truncation: "${params.truncation}"`);
  }
  requireStreamOptions(params);
  for (const name of ["summary", "generate_summary"]) {
    const value = params.reasoning?.[name];
    if (value !== undefined && value !== null)
      throw refused(`reasoning.${name}`, `The parameter "reasoning.${name}"`);
  }
  const stranger = params.include?.findIndex((name) => !includable.has(name)) ?? -1;
  if (stranger !== -1) throw refused(`include[${stranger}]`, `include: "${params.include?.[stranger]}"`);
}

function toChatTool({ type, name, description, parameters, strict }: ResponseTool, index: number): object {
  if (type !== "function") throw refused(`tools[${index}].type`, `Tools of type "${type}"`);
  if (name === undefined) {
    const param = `tools[${index}].name`;
    throw new AppError("invalid_request", { message: `${param}: must be a string`, param });
  }
  return {
    type: "function",
    function: {
      name,
      ...given("description", description),
      ...given("parameters", parameters),
      ...given("strict", strict),
    },
  };
}

function toChatToolChoice(choice: ResponseParams["tool_choice"]): unknown {
  if (typeof choice !== "object" || choice === null) return choice;
  if (choice.type !== "function") throw refused("tool_choice.type", `A tool_choice of type "${choice.type}"`);
  return { type: "function", function: { name: choice["name"] } };
}

function toResponseFormat(format: NonNullable<ResponseParams["text"]>["format"]): unknown {
  if (format === undefined || format === null) return undefined;
  if (format.type !== "json_schema") return { type: format.type };
  const { name, description, schema, strict } = format;
  return {
    type: "json_schema",
    json_schema: { name, schema, ...given("description", description), ...given("strict", strict) },
  };
}

const renamed: readonly [RegExp, string][] = [
  [/^max_completion_tokens\b/, "max_output_tokens"],
  [/^logprobs\b/, "top_logprobs"],
  [/^response_format[.[]json_schema\b/, "text.format"],
  [/^response_format\b/, "text.format"],
  [/^verbosity\b/, "text.verbosity"],
  [/^reasoning_effort\b/, "reasoning.effort"],
  [/^(tools(?:\[\d+\]|\.\d+)|tool_choice)\.function\b/, "$1"],
];

function toResponseParam(param: string, origins: readonly string[]): string {
  const message = /^messages(?:\[(\d+)\]|\.(\d+))(.*)$/.exec(param);
  if (message !== null) {
    const origin = origins[Number(message[1] ?? message[2])] ?? "input";
    // A plain text has no fields.
    return origin.endsWith("]") ? origin + message[3] : origin;
  }
  if (param === "messages") return "input";
  const rule = renamed.find(([pattern]) => pattern.test(param));
  return rule === undefined ? param : param.replace(rule[0], rule[1]);
}

function given(name: string, value: unknown): Record<string, unknown> {
  return value === undefined || value === null ? {} : { [name]: value };
}
