import { isObject } from "../schema-grammar";

/** A value that keeps to a schema of the kinds that the workers support; always the same one, and as small as may be. */
export function exampleOf(schema: unknown, root: unknown = schema): unknown {
  if (!isObject(schema)) return "example";
  if (typeof schema["$ref"] === "string") return exampleOf(target(schema["$ref"], root), root);
  if (schema["const"] !== undefined) return schema["const"];
  const [choice] = listOf(schema["enum"]);
  if (choice !== undefined) return choice;
  // The last alternative: recursive schemas put their end there, as in "a node or null".
  const alternatives = listOf(schema["anyOf"]);
  if (alternatives.length > 0) return exampleOf(alternatives.at(-1), root);
  return exampleOfType(schema, root);
}

function exampleOfType(schema: Readonly<Record<string, unknown>>, root: unknown): unknown {
  const type = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  if (type === "object" || schema["properties"] !== undefined) return exampleObject(schema, root);
  if (type === "array" || schema["items"] !== undefined) {
    const length = numberOf(schema["minItems"], 0);
    return Array.from({ length }, () => exampleOf(schema["items"], root));
  }
  if (type === "number" || type === "integer") return 1;
  if (type === "boolean") return true;
  if (type === "null") return null;
  const example = examplesOfFormat[String(schema["format"])] ?? "example";
  if (schema["format"] !== undefined) return example;
  const min = numberOf(schema["minLength"], 0);
  return example.padEnd(min, "x").slice(0, Math.max(min, numberOf(schema["maxLength"], example.length)));
}

/** Required properties only: an optional one may be the schema itself. */
function exampleObject(schema: Readonly<Record<string, unknown>>, root: unknown): Record<string, unknown> {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = new Set(listOf(schema["required"]));
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([name]) => required.has(name))
      .map(([name, property]) => [name, exampleOf(property, root)]),
  );
}

function target(ref: string, root: unknown): unknown {
  let value = root;
  for (const part of ref.split("/").slice(1)) value = isObject(value) ? value[part] : undefined;
  return value;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function numberOf(value: unknown, fallback: number): number {
  return typeof value === "number" ? value : fallback;
}

const examplesOfFormat: Readonly<Record<string, string>> = {
  date: "2024-02-28",
  time: "12:30:00Z",
  "date-time": "2024-02-28T12:30:00Z",
  uuid: "00000000-0000-4000-8000-000000000000",
};
