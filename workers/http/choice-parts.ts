import type { SampledLogprob, ToolCall } from "../engine/types";
import type { ChoiceChunk } from "./choices";

type Chunk = Exclude<ChoiceChunk, { kind: "finish" | "sever" }>;

/** Gathers one answer's pieces, for a client that waits for the whole. */
export class ChoiceParts {
  readonly logprobs: SampledLogprob[] = [];
  readonly toolCalls: ToolCall[] = [];
  readonly #texts: string[] = [];

  get text(): string {
    return this.#texts.join("");
  }

  add(chunk: Chunk): void {
    if (chunk.kind === "text") {
      this.#texts.push(chunk.text);
      if (chunk.logprobs !== undefined) this.logprobs.push(...chunk.logprobs);
    } else if (chunk.kind === "toolCall") {
      this.toolCalls.push({ id: chunk.id, name: chunk.name, arguments: "" });
    } else {
      const call = this.toolCalls[chunk.index];
      if (call !== undefined) call.arguments += chunk.text;
    }
  }
}
