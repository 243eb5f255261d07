import { AppError, isErrorCode } from "@/lib/errors";
import { type ChatChunk, chatChunkSchema, type OutputItem, type ResponseObject } from "@/lib/openai-schema";
import { countsOf, type TokenCounts } from "../find-usage";
import type { CountingFilter } from "../serve-endpoint";
import { parseFrame, splitFrames } from "../usage-frames";
import { ending, newId, textPart, toResponseUsage } from "./response-object";

type Message = Extract<OutputItem, { type: "message" }>;
type FunctionCall = Extract<OutputItem, { type: "function_call" }>;
type ChatDelta = NonNullable<NonNullable<ChatChunk["choices"]>[number]["delta"]>;
type CallDelta = NonNullable<ChatDelta["tool_calls"]>[number];

/**
 * A chat's stream of chunks as a response's stream of events, numbered from 0: `response.created`, `response.in_progress`, for each
 * item what is added to it and what it is in the end, and `response.completed` or `response.incomplete`. A failure
 * gives an `error` event and `response.failed`.
 */
export class ResponseEvents implements CountingFilter {
  counts: TokenCounts | null = null;
  frames = 0;
  hasFailed = false;
  #response: ResponseObject;
  readonly #now: () => number;
  #sequence = 0;
  #finishReason: string | null = null;
  /** The item that is being written; items follow one another. */
  #open: { item: OutputItem; index: number; call: number | null } | null = null;
  #logprobs: Record<string, unknown>[] = [];
  #events: string[] = [];

  constructor(response: ResponseObject, now: () => number) {
    this.#response = response;
    this.#now = now;
  }

  push(bytes: Buffer): string | null {
    for (const frame of splitFrames(bytes)) this.#take(frame);
    return this.#flush();
  }

  end(): string | null {
    if (this.hasFailed) return this.#flush();
    if (this.#finishReason === null) throw new AppError("upstream_failed");
    this.#begin();
    const end = ending(this.#finishReason);
    // An answer without a word is a message all the same.
    if (this.#open === null && this.#response.output.length === 0) this.#openMessage();
    this.#close(end.status === "completed" ? "completed" : "incomplete");
    this.#response = {
      ...this.#response,
      ...end,
      ...(end.status === "completed" ? { completed_at: Math.floor(this.#now() / 1000) } : {}),
    };
    this.#emit(end.status === "completed" ? "response.completed" : "response.incomplete", {
      response: this.#response,
    });
    return this.#flush();
  }

  fail(error: AppError): string {
    this.#begin();
    this.#fail(error);
    return this.#flush() ?? "";
  }

  #take(frame: Buffer): void {
    const json = parseFrame(frame);
    if (json === null || this.hasFailed) return;
    this.#begin();
    if (typeof json["error"] === "object" && json["error"] !== null) {
      const { code, message } = json["error"] as { code?: unknown; message?: unknown };
      const told = typeof message === "string" ? { message } : {};
      this.#fail(new AppError(isErrorCode(code) ? code : "upstream_failed", told));
      return;
    }
    this.frames += 1;
    const chunk = chatChunkSchema.parse(json);
    const choice = chunk.choices?.[0];
    for (const delta of choice?.delta?.tool_calls ?? []) this.#addCall(delta);
    const text = choice?.delta?.content ?? "";
    if (text !== "") this.#addText(text, choice?.logprobs?.content ?? []);
    if (choice?.finish_reason) this.#finishReason = choice.finish_reason;
    if (chunk.usage) {
      this.counts = countsOf(chunk.usage);
      this.#response = { ...this.#response, usage: toResponseUsage(chunk.usage) };
    }
  }

  #begin(): void {
    if (this.#sequence > 0) return;
    this.#emit("response.created", { response: this.#response });
    this.#emit("response.in_progress", { response: this.#response });
  }

  #addText(delta: string, logprobs: Record<string, unknown>[]): void {
    if (this.#open?.item.type !== "message") {
      this.#close("completed");
      this.#openMessage();
    }
    const { item, index } = this.#open as unknown as { item: Message; index: number };
    const [part] = item.content;
    if (part !== undefined) part.text += delta;
    this.#logprobs.push(...logprobs);
    this.#emit("response.output_text.delta", {
      item_id: item.id,
      output_index: index,
      content_index: 0,
      delta,
      logprobs,
    });
  }

  #addCall({ index: call, id, function: called }: CallDelta): void {
    if (this.#open?.call !== call) {
      this.#close("completed");
      const item: FunctionCall = {
        type: "function_call",
        id: newId("fc"),
        status: "in_progress",
        call_id: id ?? newId("fc"),
        name: called?.name ?? "",
        arguments: "",
      };
      this.#openItem(item, call);
    }
    const delta = called?.arguments ?? "";
    if (delta === "") return;
    const { item, index } = this.#open as unknown as { item: FunctionCall; index: number };
    item.arguments += delta;
    this.#emit("response.function_call_arguments.delta", { item_id: item.id, output_index: index, delta });
  }

  #openMessage(): void {
    const item: Message = {
      type: "message",
      id: newId("msg"),
      status: "in_progress",
      role: "assistant",
      content: [],
    };
    this.#openItem(item, null);
    const part = textPart("");
    this.#emit("response.content_part.added", {
      item_id: item.id,
      output_index: this.#response.output.length,
      content_index: 0,
      part,
    });
    item.content.push(part);
  }

  #openItem(item: OutputItem, call: number | null): void {
    const index = this.#response.output.length;
    this.#open = { item, index, call };
    this.#emit("response.output_item.added", { output_index: index, item });
  }

  /** Ends the item that is open, if there is one. */
  #close(status: "completed" | "incomplete"): void {
    if (this.#open === null) return;
    const { item, index } = this.#open;
    const place = { item_id: item.id, output_index: index };
    item.status = status;
    if (item.type === "message") {
      const [part] = item.content;
      if (part !== undefined) part.logprobs = this.#logprobs;
      this.#emit("response.output_text.done", {
        ...place,
        content_index: 0,
        text: part?.text ?? "",
        logprobs: this.#logprobs,
      });
      this.#emit("response.content_part.done", { ...place, content_index: 0, part });
    } else {
      this.#emit("response.function_call_arguments.done", {
        ...place,
        name: item.name,
        arguments: item.arguments,
      });
    }
    this.#emit("response.output_item.done", { output_index: index, item });
    this.#response = { ...this.#response, output: [...this.#response.output, item] };
    this.#open = null;
    this.#logprobs = [];
  }

  #fail({ code, message, param }: AppError): void {
    this.hasFailed = true;
    this.#emit("error", { code, message, param });
    const open = this.#open === null ? [] : [{ ...this.#open.item, status: "incomplete" as const }];
    const output = [...this.#response.output, ...open];
    // OpenAI's list of codes has this one for whatever fails inside.
    const error = { code: "server_error", message };
    this.#response = { ...this.#response, status: "failed", error, output };
    this.#emit("response.failed", { response: this.#response });
  }

  #emit(type: string, fields: object): void {
    const data = JSON.stringify({ type, sequence_number: this.#sequence, ...fields });
    this.#sequence += 1;
    this.#events.push(`event: ${type}\ndata: ${data}\n\n`);
  }

  #flush(): string | null {
    if (this.#events.length === 0) return null;
    const text = this.#events.join("");
    this.#events = [];
    return text;
  }
}
