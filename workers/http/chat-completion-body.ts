import { randomBytes } from "node:crypto";
import type { FinishReason, Usage } from "@/lib/protocol";
import type { GenerateChunk, SampledLogprob, ToolCall } from "../engine/types";

/** What a client reads of one answer. */
export type WholeChoice = {
  text: string;
  toolCalls: readonly ToolCall[];
  finishReason: FinishReason;
  /** Null: not asked for. */
  logprobs: readonly SampledLogprob[] | null;
};

/** OpenAI's JSON for one request's answers. Source: API reference, "The chat completion object" and "… chunk object". */
export class ChatCompletionBody {
  readonly #head: { id: string; created: number; model: string };
  /** Everything before a chunk's index, made once: only index and text differ from token to token. */
  readonly #textFrameStart: string;
  readonly #includesUsage: boolean;

  /** `includesUsage`: as OpenAI does it, every chunk then has a `usage`, null in all but the last. */
  constructor(model: string, nowMs: number, includesUsage: boolean) {
    this.#includesUsage = includesUsage;
    this.#head = {
      id: `chatcmpl-${randomBytes(16).toString("hex")}`,
      created: Math.floor(nowMs / 1000),
      model,
    };
    const { id, created } = this.#head;
    this.#textFrameStart = `data: {"id":"${id}","object":"chat.completion.chunk","created":${created},"model":${JSON.stringify(model)},"choices":[{"index":`;
  }

  roleFrame(index: number): string {
    return this.#choiceFrame(index, { role: "assistant", content: "" }, null);
  }

  textFrame(index: number, text: string, logprobs: readonly SampledLogprob[] | undefined): string {
    const usage = this.#includesUsage ? ',"usage":null' : "";
    const logprobsField =
      logprobs === undefined ? "" : `"logprobs":${JSON.stringify(chatLogprobs(logprobs))},`;
    return `${this.#textFrameStart}${index},"delta":{"content":${JSON.stringify(text)}},${logprobsField}"finish_reason":null}]${usage}}\n\n`;
  }

  toolFrame(index: number, chunk: ToolChunk): string {
    const call =
      chunk.kind === "toolCall"
        ? {
            index: chunk.index,
            id: chunk.id,
            type: "function",
            function: { name: chunk.name, arguments: "" },
          }
        : { index: chunk.index, function: { arguments: chunk.text } };
    return this.#choiceFrame(index, { tool_calls: [call] }, null);
  }

  finishFrame(index: number, finishReason: FinishReason): string {
    return this.#choiceFrame(index, {}, finishReason);
  }

  usageFrame(usage: Usage): string {
    return frame({ ...this.#chunkHead(), choices: [], usage });
  }

  whole(choices: readonly WholeChoice[], usage: Usage): Record<string, unknown> {
    const { id, created, model } = this.#head;
    return {
      id,
      object: "chat.completion",
      created,
      model,
      choices: choices.map(({ text, toolCalls, finishReason, logprobs }, index) => ({
        index,
        message: {
          role: "assistant",
          content: text === "" && toolCalls.length > 0 ? null : text,
          refusal: null,
          ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map(wholeCall) }),
        },
        logprobs: logprobs === null ? null : chatLogprobs(logprobs),
        finish_reason: finishReason,
      })),
      usage,
    };
  }

  #choiceFrame(index: number, delta: Record<string, unknown>, finishReason: FinishReason | null): string {
    const usage = this.#includesUsage ? { usage: null } : {};
    return frame({
      ...this.#chunkHead(),
      choices: [{ index, delta, finish_reason: finishReason }],
      ...usage,
    });
  }

  #chunkHead(): Record<string, unknown> {
    const { id, created, model } = this.#head;
    return { id, object: "chat.completion.chunk", created, model };
  }
}

export const doneFrame = "data: [DONE]\n\n";

/** One server-sent event. */
export function frame(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

export type ToolChunk = Extract<GenerateChunk, { kind: "toolCall" | "toolArguments" }>;

function wholeCall({ id, name, arguments: text }: ToolCall): Record<string, unknown> {
  return { id, type: "function", function: { name, arguments: text } };
}

function chatLogprobs(logprobs: readonly SampledLogprob[]): Record<string, unknown> {
  return {
    content: logprobs.map(({ token, logprob, bytes, top }) => ({
      token,
      logprob,
      bytes,
      top_logprobs: top,
    })),
    refusal: null,
  };
}
