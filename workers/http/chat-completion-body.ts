import { randomBytes } from "node:crypto";
import type { FinishReason, Usage } from "@/lib/protocol";
import type { GenerateChunk, SampledLogprob, ToolCall } from "../engine/types";
import type { AnswerBody, WholeChoice } from "./answer-request";
import { dataFrame } from "./sse";

/** OpenAI's JSON for one request's answers. Source: API reference, "The chat completion object" and "… chunk object". */
export class ChatCompletionBody implements AnswerBody {
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

  frame(index: number, chunk: Exclude<GenerateChunk, { kind: "sever" }>): string {
    if (chunk.kind === "text") return this.#textFrame(index, chunk.text, chunk.logprobs);
    if (chunk.kind === "finish") return this.#choiceFrame(index, {}, chunk.finishReason);
    return this.#toolFrame(index, chunk);
  }

  firstFrame(index: number): string {
    return this.#choiceFrame(index, { role: "assistant", content: "" }, null);
  }

  #textFrame(index: number, text: string, logprobs: readonly SampledLogprob[] | undefined): string {
    const usage = this.#includesUsage ? ',"usage":null' : "";
    const logprobsField =
      logprobs === undefined ? "" : `"logprobs":${JSON.stringify(chatLogprobs(logprobs))},`;
    return `${this.#textFrameStart}${index},"delta":{"content":${JSON.stringify(text)}},${logprobsField}"finish_reason":null}]${usage}}\n\n`;
  }

  #toolFrame(index: number, chunk: ToolChunk): string {
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

  usageFrame(usage: Usage): string {
    return dataFrame({ ...this.#chunkHead(), choices: [], usage });
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
    return dataFrame({
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

type ToolChunk = Extract<GenerateChunk, { kind: "toolCall" | "toolArguments" }>;

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
