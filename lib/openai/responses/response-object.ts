import { randomBytes } from "node:crypto";
import type {
  ChatCompletion,
  OutputItem,
  OutputText,
  ResponseObject,
  ResponseParams,
} from "@/lib/openai-schema";

/** Source of this folder: OpenAI API reference, "The response object" and "Streaming events". */

export function newId(prefix: "resp" | "msg" | "fc"): string {
  return `${prefix}_${randomBytes(24).toString("hex")}`;
}

/** A response without an answer yet; it repeats what was asked for, as OpenAI does. */
export function newResponse(params: ResponseParams, nowMs: number): ResponseObject {
  return {
    id: newId("resp"),
    object: "response",
    created_at: Math.floor(nowMs / 1000),
    status: "in_progress",
    background: false,
    error: null,
    incomplete_details: null,
    instructions: params.instructions ?? null,
    max_output_tokens: params.max_output_tokens ?? null,
    max_tool_calls: null,
    model: params.model,
    output: [],
    parallel_tool_calls: params.parallel_tool_calls ?? true,
    previous_response_id: null,
    reasoning: { effort: params.reasoning?.effort ?? null, summary: null },
    service_tier: "default",
    store: false,
    temperature: params.temperature ?? null,
    text: { ...params.text, format: params.text?.format ?? { type: "text" } },
    tool_choice: params.tool_choice ?? "auto",
    tools: (params.tools ?? []).map((tool) => ({ parameters: null, strict: null, ...tool })),
    top_logprobs: params.top_logprobs ?? 0,
    top_p: params.top_p ?? null,
    truncation: "disabled",
    usage: null,
    user: params.user ?? null,
    metadata: params.metadata ?? {},
  };
}

/** What the model's reason to end means for the response. */
export function ending(finishReason: string | null): Pick<ResponseObject, "status" | "incomplete_details"> {
  if (finishReason === "length") {
    return { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } };
  }
  if (finishReason === "content_filter") {
    return { status: "incomplete", incomplete_details: { reason: "content_filter" } };
  }
  return { status: "completed", incomplete_details: null };
}

export function toResponseUsage(usage: ChatCompletion["usage"] | null): ResponseObject["usage"] {
  if (usage === undefined || usage === null) return null;
  const details = usage["completion_tokens_details"] as { reasoning_tokens?: number } | null | undefined;
  return {
    input_tokens: usage.prompt_tokens,
    input_tokens_details: { cached_tokens: usage.prompt_tokens_details?.cached_tokens ?? 0 },
    output_tokens: usage.completion_tokens,
    output_tokens_details: { reasoning_tokens: details?.reasoning_tokens ?? 0 },
    total_tokens: usage.total_tokens,
  };
}

export function textPart(text: string, logprobs: Record<string, unknown>[] = []): OutputText {
  return { type: "output_text", text, annotations: [], logprobs };
}

/** A whole chat completion as a response. */
export function toResponse(asked: ResponseObject, completion: ChatCompletion, nowMs: number): ResponseObject {
  const choice = completion.choices[0];
  const end = ending(choice?.finish_reason ?? null);
  const status = end.status === "completed" ? "completed" : "incomplete";
  const calls = choice?.message.tool_calls ?? [];
  const text = choice?.message.content ?? "";
  const logprobs = (choice?.logprobs as { content?: Record<string, unknown>[] | null } | null)?.content ?? [];
  const output: OutputItem[] = calls.map((call) => ({
    type: "function_call",
    id: newId("fc"),
    status,
    call_id: call.id,
    name: call.function.name,
    arguments: call.function.arguments,
  }));
  if (text !== "" || calls.length === 0) {
    output.unshift({
      type: "message",
      id: newId("msg"),
      status,
      role: "assistant",
      content: [textPart(text, logprobs)],
    });
  }
  return {
    ...asked,
    ...end,
    ...(end.status === "completed" ? { completed_at: Math.floor(nowMs / 1000) } : {}),
    output,
    usage: toResponseUsage(completion.usage),
  };
}
