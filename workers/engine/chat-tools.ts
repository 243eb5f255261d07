import { z } from "zod";
import { AppError } from "@/lib/errors";
import { parseInput } from "@/lib/protocol";
import type { ToolUse } from "./types";

/** `tools`, `tool_choice`, `parallel_tool_calls` and `response_format`. Source: OpenAI API reference, "Create chat completion". */

const maxTools = 128;

const nameSchema = z.string().regex(/^[\w.-]{1,64}$/, "letters, digits and _ . - only, at most 64");
const toolSchema = z.strictObject({
  type: z.literal("function"),
  function: z.strictObject({
    name: nameSchema,
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
    strict: z.boolean().nullish(),
  }),
});
const choiceSchema = z.union([
  z.enum(["none", "auto", "required"]),
  z.strictObject({ type: z.literal("function"), function: z.strictObject({ name: nameSchema }) }),
]);

const toolFieldsSchema = z.object({
  tools: z.array(toolSchema).max(maxTools).nullish(),
  tool_choice: choiceSchema.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
});

const formatFieldsSchema = z.object({
  response_format: z
    .discriminatedUnion("type", [
      z.strictObject({ type: z.literal("text") }),
      z.strictObject({ type: z.literal("json_object") }),
      z.strictObject({
        type: z.literal("json_schema"),
        json_schema: z.strictObject({
          name: nameSchema,
          description: z.string().nullish(),
          /** Kept to in any case. */
          strict: z.boolean().nullish(),
          schema: z.record(z.string(), z.unknown()),
        }),
      }),
    ])
    .nullish(),
});

export const toolFieldNames = Object.keys(toolFieldsSchema.shape);
export const formatFieldNames = Object.keys(formatFieldsSchema.shape);

/** Undefined: no tool may be called. Errors: `invalid_request` with `param`. */
export function parseTools(fields: Readonly<Record<string, unknown>>): ToolUse | undefined {
  const {
    tools,
    tool_choice: choice,
    parallel_tool_calls: isParallel,
  } = parseInput(toolFieldsSchema, fields);
  const definitions = (tools ?? []).map(({ function: tool }, index) => ({
    name: tool.name,
    description: tool.description ?? undefined,
    parameters: tool.parameters ?? undefined,
    isStrict: tool.strict === true,
    at: `tools[${index}]`,
  }));
  const names = definitions.map(({ name }) => name);
  const twice = names.findIndex((name, index) => names.indexOf(name) !== index);
  if (twice !== -1) throw invalid(`tools[${twice}].function.name`, `There are two tools "${names[twice]}".`);
  if (choice === "none") return undefined;
  const named = typeof choice === "object" ? choice?.function.name : undefined;
  if (names.length === 0) {
    if (choice === "required" || named !== undefined)
      throw invalid("tool_choice", "There are no tools to choose.");
    return undefined;
  }
  if (named !== undefined && !names.includes(named)) {
    throw invalid("tool_choice", `There is no tool "${named}".`);
  }
  return {
    tools: definitions,
    choice: named === undefined ? (choice === "required" ? "required" : "auto") : { name: named },
    isParallel: isParallel !== false,
  };
}

/** The schema that the answer keeps to; null: text. */
export function parseResponseFormat(fields: Readonly<Record<string, unknown>>): unknown | null {
  const { response_format: format } = parseInput(formatFieldsSchema, fields);
  if (format?.type === "json_object") return { type: "object" };
  return format?.type === "json_schema" ? format.json_schema.schema : null;
}

function invalid(param: string, message: string): AppError {
  return new AppError("invalid_request", { message, param });
}
