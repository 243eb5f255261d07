import type { ToolDefinition, Turn } from "./types";

/**
 * Tools for chat templates that know none: the format of Hermes 2 Pro and Qwen 2.5, written into ordinary messages, so that
 * one parser reads the answers of either kind. Definitions go behind the system message, results into a message of the user.
 */
export function withGenericTools(turns: readonly Turn[], tools: readonly ToolDefinition[]): Turn[] {
  const plain: Turn[] = [];
  for (const [index, turn] of turns.entries()) {
    if (turn.role === "tool") {
      const response = `<tool_response>\n${turn.content}\n</tool_response>`;
      const before = plain.at(-1);
      // Results of one message's calls belong together; two user messages in a row break many templates.
      if (before !== undefined && turns[index - 1]?.role === "tool") before.content += `\n${response}`;
      else plain.push({ role: "user", content: response });
    } else {
      const calls = (turn.toolCalls ?? []).map(callText).join("\n");
      const space = calls === "" || turn.content === "" ? "" : "\n";
      plain.push({ role: turn.role, content: turn.content + space + calls, name: turn.name });
    }
  }
  if (tools.length === 0) return plain;
  const [first] = plain;
  if (first?.role !== "system") return [{ role: "system", content: instructions(tools) }, ...plain];
  return [{ ...first, content: `${first.content}\n\n${instructions(tools)}` }, ...plain.slice(1)];
}

/** A definition in the shape in which clients send it and templates expect it. */
export function toolJson({ name, description, parameters }: ToolDefinition): Record<string, unknown> {
  return {
    type: "function",
    function: {
      name,
      ...(description === undefined ? {} : { description }),
      parameters: parameters ?? { type: "object", properties: {} },
    },
  };
}

/** Arguments as a value, as templates expect them; text that is no JSON, as after a cut, stays text. */
export function argumentsValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function callText(call: { name: string; arguments: string }): string {
  const value = { name: call.name, arguments: argumentsValue(call.arguments) };
  return `<tool_call>\n${JSON.stringify(value)}\n</tool_call>`;
}

function instructions(tools: readonly ToolDefinition[]): string {
  return [
    "# Tools",
    "",
    "You may call one or more functions to assist with the user query.",
    "",
    "You are provided with function signatures within <tools></tools> XML tags:",
    "<tools>",
    ...tools.map((tool) => JSON.stringify(toolJson(tool))),
    "</tools>",
    "",
    "For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:",
    "<tool_call>",
    '{"name": <function-name>, "arguments": <args-json-object>}',
    "</tool_call>",
  ].join("\n");
}
