import type { JsonSchema } from "@/lib/openai-schema";

export type Field = {
  name: string;
  /** In words, such as "array of object". */
  type: string;
  isRequired: boolean;
  description: string | null;
  /** Of an object, or of the objects in an array. */
  fields: Field[];
};

/** How deep objects in objects are shown. */
const maxDepth = 3;

/** The named fields of an object's schema, the required ones first. */
export function fieldsOf(schema: JsonSchema, depth = 0): Field[] {
  const required = new Set(schema.required ?? []);
  const fields = Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    type: typeOf(property),
    isRequired: required.has(name),
    description: descriptionOf(property),
    fields: depth + 1 < maxDepth ? fieldsOf(objectOf(property), depth + 1) : [],
  }));
  return [
    ...fields.filter(({ isRequired }) => isRequired),
    ...fields.filter(({ isRequired }) => !isRequired),
  ];
}

/** That a field may be null is left out: null is the same as not giving it. */
function variantsOf(schema: JsonSchema): JsonSchema[] {
  return (schema.anyOf ?? [schema]).flatMap((one) => (one.anyOf === undefined ? [one] : variantsOf(one)));
}

function typeOf(schema: JsonSchema): string {
  const types = variantsOf(schema)
    .filter(({ type }) => type !== "null")
    .flatMap((one) => {
      if (one.const !== undefined) return JSON.stringify(one.const);
      if (one.enum !== undefined) return one.enum.map((value) => JSON.stringify(value)).join(" | ");
      if (one.type === "array") return `array of ${one.items === undefined ? "any" : typeOf(one.items)}`;
      return Array.isArray(one.type) ? one.type.filter((type) => type !== "null") : (one.type ?? "any");
    });
  return [...new Set(types)].join(" | ");
}

function descriptionOf(schema: JsonSchema): string | null {
  if (schema.description !== undefined) return schema.description;
  return variantsOf(schema).find(({ description }) => description !== undefined)?.description ?? null;
}

/** The object whose fields are worth showing below a field. */
function objectOf(schema: JsonSchema): JsonSchema {
  for (const one of variantsOf(schema)) {
    if (one.properties !== undefined) return one;
    if (one.items !== undefined) return objectOf(one.items);
  }
  return {};
}
