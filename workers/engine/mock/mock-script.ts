import type { GenerateRequest, ToolDefinition } from "../types";
import { exampleOf } from "./example-of";

/**
 * What the mock says where the request asks for a form: JSON that keeps to the schema, or tool calls. With `auto` it calls
 * each tool that the last message of the user names; after a tool's result it answers in words. Null: the scenario's own words.
 */
export function formedPieces(request: GenerateRequest): string[] | null {
  const calls = calledTools(request);
  if (calls.length > 0) return inPieces(calls.map(callText).join("\n"));
  return request.schema === undefined ? null : inPieces(JSON.stringify(exampleOf(request.schema)));
}

function calledTools({ tools: use, prompt }: GenerateRequest): readonly ToolDefinition[] {
  if (use === undefined || prompt.kind !== "chat") return [];
  const { tools, choice } = use;
  if (typeof choice === "object") return tools.filter(({ name }) => name === choice.name);
  const last = prompt.turns.at(-1);
  const words = last?.role === "user" ? last.content.split(/[^\w.-]+/) : [];
  const named = tools.filter(({ name }) => words.includes(name));
  const called = named.length === 0 && choice === "required" ? tools.slice(0, 1) : named;
  return use.isParallel ? called : called.slice(0, 1);
}

function callText({ name, parameters }: ToolDefinition): string {
  const value = { name, arguments: parameters === undefined ? {} : exampleOf(parameters) };
  return `<tool_call>\n${JSON.stringify(value)}\n</tool_call>`;
}

/** Cut without regard to words, as tokens may be. */
function inPieces(text: string): string[] {
  return text.match(/[\s\S]{1,5}/g) ?? [];
}

/** What an answer begins with that was shown images: their kinds and sizes, so that a reader can tell that they arrived whole. */
export function shownPieces({ prompt }: GenerateRequest): string[] {
  if (prompt.kind !== "chat") return [];
  const images = prompt.turns.flatMap((turn) => turn.images ?? []);
  return images.map(({ mediaType, bytes }) => `Image: ${mediaType}, ${bytes.length} bytes. `);
}
