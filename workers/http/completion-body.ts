import { randomBytes } from "node:crypto";
import type { FinishReason, Usage } from "@/lib/protocol";
import type { SampledLogprob } from "../engine/types";
import type { AnswerBody, WholeChoice } from "./answer-request";
import type { ChoiceChunk } from "./choices";
import { dataFrame } from "./sse";

/** OpenAI's JSON for raw completions. Source: API reference, "The completion object". */
export class CompletionBody implements AnswerBody {
  readonly #head: Readonly<Record<string, unknown>>;
  readonly #includesUsage: boolean;
  readonly #echoes: readonly string[];
  readonly #perPrompt: number;
  /** Characters that are out of each choice: a chunk's `text_offset` goes on from there. */
  readonly #offsets = new Map<number, number>();

  /** `echoes`: what each prompt puts before its answers; empty strings where it is not echoed. */
  constructor(
    model: string,
    nowMs: number,
    options: { includesUsage: boolean; echoes: readonly string[]; perPrompt: number },
  ) {
    this.#includesUsage = options.includesUsage;
    this.#echoes = options.echoes;
    this.#perPrompt = options.perPrompt;
    this.#head = {
      id: `cmpl-${randomBytes(16).toString("hex")}`,
      object: "text_completion",
      created: Math.floor(nowMs / 1000),
      model,
    };
  }

  firstFrame(choice: number): string {
    const echo = this.#echoOf(choice);
    return echo === "" ? "" : this.#choiceFrame(choice, echo, null, null);
  }

  frame(choice: number, chunk: Exclude<ChoiceChunk, { kind: "sever" }>): string {
    if (chunk.kind === "finish") return this.#choiceFrame(choice, "", null, chunk.finishReason);
    // Raw completions have no tools.
    if (chunk.kind !== "text") return "";
    return this.#choiceFrame(choice, chunk.text, chunk.logprobs ?? null, null);
  }

  usageFrame(usage: Usage): string {
    return dataFrame({ ...this.#head, choices: [], usage });
  }

  whole(choices: readonly WholeChoice[], usage: Usage): Record<string, unknown> {
    return {
      ...this.#head,
      choices: choices.map(({ text, finishReason, logprobs }, index) => {
        const echo = this.#echoOf(index);
        return {
          index,
          text: echo + text,
          logprobs: logprobs === null ? null : completionLogprobs(logprobs, echo.length),
          finish_reason: finishReason,
        };
      }),
      usage,
    };
  }

  #echoOf(choice: number): string {
    return this.#echoes[Math.floor(choice / this.#perPrompt)] ?? "";
  }

  #choiceFrame(
    index: number,
    text: string,
    logprobs: readonly SampledLogprob[] | null,
    finishReason: FinishReason | null,
  ): string {
    const offset = this.#offsets.get(index) ?? 0;
    this.#offsets.set(index, offset + text.length);
    return dataFrame({
      ...this.#head,
      choices: [
        {
          index,
          text,
          logprobs: logprobs === null ? null : completionLogprobs(logprobs, offset),
          finish_reason: finishReason,
        },
      ],
      ...(this.#includesUsage ? { usage: null } : {}),
    });
  }
}

function completionLogprobs(logprobs: readonly SampledLogprob[], start: number): Record<string, unknown> {
  let offset = start;
  return {
    tokens: logprobs.map(({ token }) => token),
    token_logprobs: logprobs.map(({ logprob }) => logprob),
    top_logprobs: logprobs.map(({ top }) =>
      Object.fromEntries(top.map(({ token, logprob }) => [token, logprob])),
    ),
    text_offset: logprobs.map(({ token }) => {
      const at = offset;
      offset += token.length;
      return at;
    }),
  };
}
