/** A field of a settings section, as its JSON Schema describes it. */
export type FormField = {
  /** Where it stands in the section: `["thresholds", "answer"]`. */
  path: string[];
  kind: "boolean" | "integer" | "number" | "text" | "choice" | "list";
  isNullable: boolean;
  choices: string[];
  min: number | null;
  max: number | null;
};

type Json = Record<string, unknown>;

/** The fields of a section in their order; an object is opened, anything that has no field of its own is left to JSON. */
export function fieldsOf(schema: Json, path: string[] = []): FormField[] {
  const properties = isRecord(schema["properties"]) ? schema["properties"] : {};
  return Object.entries(properties).flatMap(([name, property]) => {
    if (!isRecord(property)) return [];
    const here = [...path, name];
    const { isNullable, inner } = unwrap(property);
    if (inner["type"] === "object") return fieldsOf(inner, here);
    return [{ path: here, isNullable, ...kindOf(inner) }];
  });
}

/** `anyOf: [x, null]` is x that may be empty. */
function unwrap(property: Json): { isNullable: boolean; inner: Json } {
  const options = Array.isArray(property["anyOf"]) ? property["anyOf"].filter(isRecord) : [];
  const inner = options.find((option) => option["type"] !== "null");
  if (inner === undefined) return { isNullable: false, inner: property };
  return { isNullable: options.length > 1, inner };
}

function kindOf(property: Json): Omit<FormField, "path" | "isNullable"> {
  const choices = Array.isArray(property["enum"]) ? property["enum"].map(String) : [];
  const type = property["type"];
  return {
    kind:
      choices.length > 0
        ? "choice"
        : type === "boolean" || type === "integer" || type === "number"
          ? type
          : type === "array"
            ? "list"
            : "text",
    choices,
    min: bound(property, "minimum", "exclusiveMinimum"),
    max: bound(property, "maximum", "exclusiveMaximum"),
  };
}

/** Whole numbers carry the safe-integer range where the section sets none. */
function bound(property: Json, ...names: string[]): number | null {
  const value = names.map((name) => property[name]).find((found) => typeof found === "number");
  return typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : null;
}

export function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, name) => (isRecord(at) ? at[name] : undefined), value);
}

/** The text of a field's box. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  return Array.isArray(value) ? value.join("\n") : String(value);
}

/** What a box says: undefined where it is not understood. */
export function parseField(field: FormField, text: string): unknown {
  const plain = text.trim();
  if (field.kind === "list") return plain === "" ? [] : plain.split("\n").map((line) => line.trim());
  if (plain === "" && field.isNullable) return null;
  if (field.kind !== "integer" && field.kind !== "number") return text;
  const number = Number(plain.replace("\u2212", "-"));
  if (plain === "" || !Number.isFinite(number)) return undefined;
  if (field.kind === "integer" && !Number.isInteger(number)) return undefined;
  if (field.min !== null && number < field.min) return undefined;
  return field.max !== null && number > field.max ? undefined : number;
}

/** A copy of the section with one value changed. */
export function withValue(section: Json, path: readonly string[], value: unknown): Json {
  const [name = "", ...rest] = path;
  if (rest.length === 0) return { ...section, [name]: value };
  const inner = section[name];
  return { ...section, [name]: withValue(isRecord(inner) ? inner : {}, rest, value) };
}

function isRecord(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
