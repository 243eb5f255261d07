import { AppError } from "@/lib/errors";
import { type GrammarRules, literal } from "./grammar-rules";

/**
 * JSON Schema (2020-12) to GBNF. Our own converter, since node-llama-cpp's makes optional properties mandatory, which never
 * ends for a schema that refers to itself, takes 1e-5 for an integer and wants four line breaks behind the value. What a
 * grammar cannot hold the model to is refused by name; what it writes may be narrower than the schema, never wider.
 */

const maxDepth = 64;
/** llama.cpp refuses larger repetitions. */
const maxRepetitions = 2000;

const annotations = new Set([
  "title",
  "description",
  "default",
  "examples",
  "deprecated",
  "readOnly",
  "writeOnly",
  "$schema",
  "$id",
  "$comment",
  "$defs",
  "definitions",
]);
const keywordsOfType = {
  object: ["properties", "required", "additionalProperties"],
  array: ["items", "minItems", "maxItems"],
  string: ["minLength", "maxLength", "format"],
  number: [],
  integer: [],
  boolean: [],
  null: [],
} as const;
type TypeName = keyof typeof keywordsOfType;

const date = '[0-9]{4} "-" ("0" [1-9] | "1" [0-2]) "-" ("0" [1-9] | "1" [0-9] | "2" [0-8])';
const time =
  '([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9] ":" [0-5] [0-9] ("." [0-9]{1,6})? ("Z" | [-+] ([01] [0-9] | "2" [0-3]) ":" [0-5] [0-9])';
const hex = "[0-9a-f]";
/** Days end with the 28th: a grammar does not know how long a month is. */
const formats: Readonly<Record<string, string>> = {
  date,
  time,
  "date-time": `${date} "T" ${time}`,
  uuid: `${hex}{8} "-" ${hex}{4} "-" ${hex}{4} "-" ${hex}{4} "-" ${hex}{12}`,
};

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * Adds the rules of `schema` and returns the name of the first one. `at` is where the schema stands in the request, for
 * messages. Errors: `unsupported_parameter` or `invalid_request`, with the keyword's place as `param`.
 */
export function addSchema(rules: GrammarRules, schema: unknown, at: string): string {
  return new SchemaCompiler(rules, schema, at).compile();
}

class SchemaCompiler {
  readonly #rules: GrammarRules;
  readonly #root: unknown;
  readonly #at: string;
  /** Rules of the targets of `$ref`, so that a schema may refer to itself. */
  readonly #references = new Map<string, string>();

  constructor(rules: GrammarRules, root: unknown, at: string) {
    this.#rules = rules;
    this.#root = root;
    this.#at = at;
  }

  compile(): string {
    return this.#reference("#", this.#at, 0);
  }

  #reference(ref: string, at: string, depth: number): string {
    const known = this.#references.get(ref);
    if (known !== undefined) return known;
    let target = this.#root;
    for (const part of ref.split("/").slice(1)) {
      const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
      target = isObject(target) && Object.hasOwn(target, key) ? target[key] : undefined;
    }
    if (!/^#(?:\/|$)/.test(ref) || target === undefined) {
      throw unsupported(at, `"${ref}" points to nothing in this schema`);
    }
    const name = this.#rules.reserve();
    this.#references.set(ref, name);
    this.#rules.set(name, this.#visit(target, ref === "#" ? this.#at : at, depth + 1));
    return name;
  }

  /** The right side of a rule. */
  #visit(schema: unknown, at: string, depth: number): string {
    if (depth > maxDepth) throw unsupported(at, "nested too deeply");
    if (schema === true) return this.#rules.shared("value");
    if (!isObject(schema)) throw unsupported(at, "not an object");
    const keywords = Object.keys(schema).filter((key) => !annotations.has(key));
    const only = (...allowed: string[]): void => {
      const stranger = keywords.find((key) => !allowed.includes(key));
      if (stranger !== undefined) throw unsupported(`${at}.${stranger}`);
    };
    if (keywords.length === 0) return this.#rules.shared("value");
    if (schema["$ref"] !== undefined) {
      only("$ref");
      return this.#reference(String(schema["$ref"]), `${at}.$ref`, depth);
    }
    if (schema["anyOf"] !== undefined) {
      only("anyOf");
      const alternatives = listOf(schema["anyOf"], `${at}.anyOf`);
      return alternatives
        .map((item, index) => this.#rules.add(this.#visit(item, `${at}.anyOf[${index}]`, depth + 1)))
        .join(" | ");
    }
    const types = typesOf(schema, at);
    if (schema["const"] !== undefined) {
      only("const", "type");
      return literals([schema["const"]], types, `${at}.const`);
    }
    if (schema["enum"] !== undefined) {
      only("enum", "type");
      return literals(listOf(schema["enum"], `${at}.enum`), types, `${at}.enum`);
    }
    if (types === null) throw unsupported(`${at}.${keywords[0]}`, `without a "type" at ${at}`);
    only("type", ...types.flatMap((type) => keywordsOfType[type]));
    return types.map((type) => this.#ofType(type, schema, at, depth)).join(" | ");
  }

  #ofType(type: TypeName, schema: JsonSchema, at: string, depth: number): string {
    switch (type) {
      case "object":
        return this.#object(schema, at, depth);
      case "array":
        return this.#array(schema, at, depth);
      case "string":
        return this.#string(schema, at);
      case "number":
      case "integer":
        return this.#rules.shared(type);
      case "boolean":
        return '"true" | "false"';
      case "null":
        return '"null"';
    }
  }

  #string(schema: JsonSchema, at: string): string {
    const { format, minLength, maxLength } = schema;
    if (format !== undefined) {
      const pattern = typeof format === "string" && Object.hasOwn(formats, format) ? formats[format] : null;
      if (pattern === null) throw unsupported(`${at}.format`, `"${String(format)}" is not among them`);
      if (minLength !== undefined || maxLength !== undefined)
        throw unsupported(`${at}.format`, "with a length");
      return `"\\"" ${pattern} "\\""`;
    }
    if (minLength === undefined && maxLength === undefined) return this.#rules.shared("string");
    this.#rules.countRepetitions(Number(maxLength ?? minLength));
    return `"\\"" ${this.#rules.shared("char")}${repetition(minLength, maxLength, `${at}.minLength`, `${at}.maxLength`)} "\\""`;
  }

  #array(schema: JsonSchema, at: string, depth: number): string {
    const ws = this.#rules.shared("ws");
    const item = this.#rules.add(this.#visit(schema["items"] ?? true, `${at}.items`, depth + 1));
    const min = count(schema["minItems"], 0, `${at}.minItems`);
    const max = schema["maxItems"] === undefined ? null : count(schema["maxItems"], 0, `${at}.maxItems`);
    if (max !== null && max < min) throw unsupported(`${at}.maxItems`, "below minItems");
    if (max === 0) return `"[" ${ws} "]"`;
    this.#rules.countRepetitions(max ?? min);
    const more = `("," ${ws} ${item}){${Math.max(0, min - 1)},${max === null ? "" : max - 1}}`;
    const items = `${item} ${more}`;
    return `"[" ${ws} ${min === 0 ? `(${items})?` : items} ${ws} "]"`;
  }

  #object(schema: JsonSchema, at: string, depth: number): string {
    const ws = this.#rules.shared("ws");
    const properties = schema["properties"] ?? {};
    if (!isObject(properties)) throw unsupported(`${at}.properties`, "not an object");
    const required = new Set(
      schema["required"] === undefined ? [] : strings(schema["required"], `${at}.required`),
    );
    const missing = [...required].find((name) => !Object.hasOwn(properties, name));
    if (missing !== undefined)
      throw unsupported(`${at}.required`, `"${missing}" is not among the properties`);
    const fields = Object.entries(properties).map(([name, property]) => ({
      isRequired: required.has(name),
      rule: this.#rules.add(
        `${literal(JSON.stringify(name))} ":" ${ws} ${this.#rules.add(this.#visit(property, `${at}.properties.${name}`, depth + 1))}`,
      ),
    }));
    // Beside named properties no further ones are written: their names could be those of the named.
    if (fields.length === 0) return this.#map(schema["additionalProperties"], at, depth);
    this.#checkAdditional(schema["additionalProperties"], at, depth);
    // From the last property to the first: what may follow when something, or nothing, stands before it.
    let after = '""';
    let first = '""';
    for (const { rule, isRequired } of fields.reverse()) {
      const nextAfter = this.#rules.add(
        isRequired ? `"," ${ws} ${rule} ${after}` : `("," ${ws} ${rule})? ${after}`,
      );
      first = this.#rules.add(isRequired ? `${rule} ${after}` : `${rule} ${after} | ${first}`);
      after = nextAfter;
    }
    return `"{" ${ws} ${first} ${ws} "}"`;
  }

  #map(additional: unknown, at: string, depth: number): string {
    const ws = this.#rules.shared("ws");
    if (additional === false) return `"{" ${ws} "}"`;
    if (additional === undefined || additional === true) return this.#rules.shared("object");
    const value = this.#rules.add(this.#visit(additional, `${at}.additionalProperties`, depth + 1));
    const entry = this.#rules.add(`${this.#rules.shared("string")} ":" ${ws} ${value}`);
    return `"{" ${ws} (${entry} ("," ${ws} ${entry})*)? ${ws} "}"`;
  }

  #checkAdditional(additional: unknown, at: string, depth: number): void {
    if (isObject(additional)) this.#visit(additional, `${at}.additionalProperties`, depth + 1);
  }
}

function typesOf(schema: JsonSchema, at: string): TypeName[] | null {
  const { type } = schema;
  if (type === undefined) {
    if (schema["properties"] !== undefined) return ["object"];
    return schema["items"] === undefined ? null : ["array"];
  }
  const names = Array.isArray(type) ? type : [type];
  return names.map((name) => {
    if (typeof name === "string" && Object.hasOwn(keywordsOfType, name)) return name as TypeName;
    throw unsupported(`${at}.type`, `"${String(name)}" is no type`);
  });
}

function literals(values: readonly unknown[], types: readonly TypeName[] | null, at: string): string {
  const fitting =
    types === null ? values : values.filter((value) => types.some((type) => isOfType(value, type)));
  if (fitting.length === 0) throw unsupported(at, "without a value of its type");
  return fitting.map((value) => literal(JSON.stringify(value))).join(" | ");
}

function isOfType(value: unknown, type: TypeName): boolean {
  if (type === "null") return value === null;
  if (type === "array") return Array.isArray(value);
  if (type === "object") return isObject(value);
  if (type === "integer") return Number.isInteger(value);
  return typeof value === type;
}

function repetition(min: unknown, max: unknown, minAt: string, maxAt: string): string {
  const least = count(min, 0, minAt);
  if (max === undefined) return `{${least},}`;
  const most = count(max, 0, maxAt);
  if (most < least) throw unsupported(maxAt, "below the minimum");
  return `{${least},${most}}`;
}

function count(value: unknown, fallback: number, at: string): number {
  if (value === undefined) return fallback;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= maxRepetitions)
    return value;
  throw unsupported(at, `it takes a whole number up to ${maxRepetitions}`);
}

function strings(value: unknown, at: string): string[] {
  const list = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (typeof item === "string") return item;
    throw unsupported(at, "not a list of names");
  });
}

function listOf(value: unknown, at: string): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0) return value;
  throw unsupported(at, "not a list of at least one");
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function unsupported(param: string, reason?: string): AppError {
  const detail = reason === undefined ? "" : ` (${reason})`;
  return new AppError("unsupported_parameter", {
    message: `The JSON schema's "${param}" is not supported here${detail}.`,
    param,
  });
}
