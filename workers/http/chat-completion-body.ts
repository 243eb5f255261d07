import { randomBytes } from "node:crypto";
import type { FinishReason, Usage } from "@/lib/protocol";

/** OpenAI's JSON for one answer. Source: API reference, "The chat completion object" and "… chunk object". */
export class ChatCompletionBody {
  readonly #head: { id: string; created: number; model: string };
  /** Everything before a chunk's text, made once: only the text differs from token to token. */
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
    this.#textFrameStart = `data: {"id":"${id}","object":"chat.completion.chunk","created":${created},"model":${JSON.stringify(model)},"choices":[{"index":0,"delta":{"content":`;
  }

  roleFrame(): string {
    return this.#choiceFrame({ role: "assistant", content: "" }, null);
  }

  textFrame(text: string): string {
    const usage = this.#includesUsage ? ',"usage":null' : "";
    return `${this.#textFrameStart}${JSON.stringify(text)}},"finish_reason":null}]${usage}}\n\n`;
  }

  finishFrame(finishReason: FinishReason): string {
    return this.#choiceFrame({}, finishReason);
  }

  usageFrame(usage: Usage): string {
    return frame({ ...this.#chunkHead(), choices: [], usage });
  }

  whole(text: string, finishReason: FinishReason, usage: Usage): Record<string, unknown> {
    const { id, created, model } = this.#head;
    return {
      id,
      object: "chat.completion",
      created,
      model,
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: text, refusal: null },
          logprobs: null,
          finish_reason: finishReason,
        },
      ],
      usage,
    };
  }

  #choiceFrame(delta: Record<string, unknown>, finishReason: FinishReason | null): string {
    const usage = this.#includesUsage ? { usage: null } : {};
    return frame({
      ...this.#chunkHead(),
      choices: [{ index: 0, delta, finish_reason: finishReason }],
      ...usage,
    });
  }

  #chunkHead(): Record<string, unknown> {
    const { id, created, model } = this.#head;
    return { id, object: "chat.completion.chunk", created, model };
  }
}

export const doneFrame = "data: [DONE]\n\n";

function frame(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
