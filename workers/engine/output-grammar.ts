import { isAppError } from "@/lib/errors";
import { GrammarRules, literal } from "./grammar-rules";
import { addSchema, isObject } from "./schema-grammar";
import type { ToolDefinition, ToolUse } from "./types";

/** Calls of one answer at most: a small model that is held to a grammar may otherwise go on without an end. */
const maxCalls = 16;
const open = "<tool_call>";
const close = "</tool_call>";

/**
 * What an answer may look like, as GBNF (llama.cpp); undefined: anything. `schema` null: free text. Free text and calls
 * share one grammar from the first token on, since a call that begins in the middle of a token could not be caught later.
 * Errors: those of {@link addSchema}.
 */
export function outputGrammar(schema: unknown | null, tools: ToolUse | undefined): string | undefined {
  const rules = new GrammarRules();
  const value = schema === null ? null : addSchema(rules, schema, "response_format.json_schema.schema");
  if (tools === undefined) return value === null ? undefined : rules.text(value);
  const call = addCall(rules, tools);
  const isSingle = !tools.isParallel || typeof tools.choice === "object";
  const calls = rules.add(isSingle ? call : `${call} ("\\n"? ${call}){0,${maxCalls - 1}}`);
  if (tools.choice !== "auto") return rules.text(calls);
  return rules.text(value === null ? addFreeText(rules, calls) : `${value} | ${calls}`);
}

function addCall(rules: GrammarRules, { tools, choice }: ToolUse): string {
  const ws = rules.shared("ws");
  const chosen = typeof choice === "object" ? tools.filter(({ name }) => name === choice.name) : tools;
  const bodies = chosen.map(
    (tool) =>
      `"{" ${ws} ${literal('"name":')} ${ws} ${literal(JSON.stringify(tool.name))} "," ${ws} ${literal('"arguments":')} ${ws} ${addArguments(rules, tool)} ${ws} "}"`,
  );
  const body = rules.add(bodies.join(" | "));
  return rules.add(`${literal(open)} ${ws} ${body} ${ws} ${literal(close)}`);
}

/** Parameters are a promise only where they are strict; otherwise a schema that is too much for a grammar is a hint. */
function addArguments(rules: GrammarRules, { parameters, isStrict, at }: ToolDefinition): string {
  if (parameters === undefined) return rules.add(`"{" ${rules.shared("ws")} "}"`);
  if (!isStrict && !isGrammatical(parameters)) return rules.shared("object");
  return addSchema(rules, parameters, `${at}.function.parameters`);
}

function isGrammatical(parameters: unknown): boolean {
  // Arguments are an object; a schema of another kind is taken as a hint, too.
  if (!isObject(parameters) || (parameters["type"] !== "object" && parameters["$ref"] === undefined))
    return false;
  try {
    addSchema(new GrammarRules(), parameters, "");
    return true;
  } catch (error) {
    if (isAppError(error)) return false;
    throw error;
  }
}

/** Any text, up to where calls begin: a machine that knows how much of `<tool_call>` it has just read. */
function addFreeText(rules: GrammarRules, calls: string): string {
  const states = Array.from(open, () => rules.reserve());
  const [start = "", afterFirst = ""] = states;
  for (const [index, state] of states.entries()) {
    const character = open[index] ?? "";
    const next = states[index + 1];
    // The tag's last character never follows as text.
    const onward = next === undefined ? [] : [`${literal(character)} ${next}`];
    // Only the first character can begin the tag anew.
    const restart = index === 0 ? [] : [`"<" ${afterFirst}`];
    const others = index === 0 ? "[^<]" : `[^<${character}]`;
    rules.set(state, [...onward, ...restart, `${others} ${start}`, calls, '""'].join(" | "));
  }
  return start;
}
