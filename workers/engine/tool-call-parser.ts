import { randomBytes } from "node:crypto";
import type { GenerateChunk } from "./types";

type Part = Exclude<GenerateChunk, { kind: "finish" | "sever" }>;

const open = "<tool_call>";
const close = "</tool_call>";
const head = /^\s*\{\s*"name"\s*:\s*("(?:[^"\\]|\\.)*")\s*,\s*"(?:arguments|parameters)"\s*:\s*(?=\{)/;

/**
 * Takes `<tool_call>{"name": …, "arguments": {…}}</tool_call>` out of a text that comes in pieces. Arguments go on piece by
 * piece. Space before a call belongs to no one; what begins like a call and is none comes out as text.
 */
export class ToolCallParser {
  #state: "text" | "head" | "arguments" | "tail" = "text";
  #buffer = "";
  #calls = 0;
  #depth = 0;
  #isInString = false;
  #isEscaped = false;

  /** Calls that have begun. */
  get calls(): number {
    return this.#calls;
  }

  push(text: string): Part[] {
    this.#buffer += text;
    const parts: Part[] = [];
    while (this.#advance(parts));
    return parts;
  }

  /** The answer has ended: what was held back. */
  finish(): Part[] {
    const rest = this.#state === "head" ? open + this.#buffer : this.#state === "text" ? this.#buffer : "";
    this.#buffer = "";
    return rest === "" || (this.#calls > 0 && rest.trim() === "") ? [] : [{ kind: "text", text: rest }];
  }

  /** True: there may be more to take from the buffer. */
  #advance(parts: Part[]): boolean {
    switch (this.#state) {
      case "text":
        return this.#text(parts);
      case "head":
        return this.#head(parts);
      case "arguments":
        return this.#arguments(parts);
      case "tail":
        return this.#tail();
    }
  }

  #text(parts: Part[]): boolean {
    const at = this.#buffer.indexOf(open);
    const end = at === -1 ? this.#buffer.length - this.#openEnd() : at;
    const text = this.#buffer.slice(0, end).trimEnd();
    if (text !== "") {
      parts.push({ kind: "text", text });
      this.#buffer = this.#buffer.slice(text.length);
    }
    if (at === -1) return false;
    this.#buffer = this.#buffer.slice(this.#buffer.indexOf(open) + open.length);
    this.#state = "head";
    return true;
  }

  /** Length of the end that may become the tag. */
  #openEnd(): number {
    for (let length = Math.min(open.length - 1, this.#buffer.length); length > 0; length--) {
      if (this.#buffer.endsWith(open.slice(0, length))) return length;
    }
    return 0;
  }

  #head(parts: Part[]): boolean {
    const match = head.exec(this.#buffer);
    const name = match?.[1];
    if (match === null || name === undefined) return this.#notACall(parts);
    parts.push({
      kind: "toolCall",
      index: this.#calls,
      id: `call_${randomBytes(12).toString("hex")}`,
      name: String(JSON.parse(name)),
    });
    this.#calls++;
    this.#buffer = this.#buffer.slice(match[0].length);
    this.#state = "arguments";
    return true;
  }

  /** A closed tag without a call in it is text. */
  #notACall(parts: Part[]): boolean {
    const at = this.#buffer.indexOf(close);
    if (at === -1) return false;
    parts.push({ kind: "text", text: open + this.#buffer.slice(0, at + close.length) });
    this.#buffer = this.#buffer.slice(at + close.length);
    this.#state = "text";
    return true;
  }

  #arguments(parts: Part[]): boolean {
    let end = 0;
    let isComplete = false;
    while (end < this.#buffer.length && !isComplete) {
      isComplete = this.#closesObject(this.#buffer[end] ?? "");
      end++;
    }
    const text = this.#buffer.slice(0, end);
    this.#buffer = this.#buffer.slice(end);
    if (text !== "") parts.push({ kind: "toolArguments", index: this.#calls - 1, text });
    if (isComplete) this.#state = "tail";
    return isComplete;
  }

  #closesObject(character: string): boolean {
    if (this.#isInString) {
      if (this.#isEscaped) this.#isEscaped = false;
      else if (character === "\\") this.#isEscaped = true;
      else if (character === '"') this.#isInString = false;
      return false;
    }
    if (character === '"') this.#isInString = true;
    else if (character === "{" || character === "[") this.#depth++;
    else if (character === "}" || character === "]") this.#depth--;
    return this.#depth === 0;
  }

  #tail(): boolean {
    const at = this.#buffer.indexOf(close);
    if (at === -1) return false;
    this.#buffer = this.#buffer.slice(at + close.length);
    this.#state = "text";
    return true;
  }
}

/** An engine's chunks with the calls taken out of their text. */
export async function* withToolCalls(
  chunks: AsyncIterable<GenerateChunk>,
): AsyncGenerator<GenerateChunk, void, undefined> {
  const parser = new ToolCallParser();
  for await (const chunk of chunks) {
    if (chunk.kind === "text") yield* parser.push(chunk.text);
    else if (chunk.kind === "finish") {
      yield* parser.finish();
      const isCall = parser.calls > 0 && chunk.finishReason === "stop";
      yield isCall ? { ...chunk, finishReason: "tool_calls" } : chunk;
    } else yield chunk;
  }
}
