import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { chatShapes } from "./chat";
import { listShapes } from "./lists";
import { responseShapes } from "./responses";

/**
 * JSON Schemas of OpenAI's answers, written by hand from the public API reference (platform.openai.com/docs/api-reference).
 * What the reference calls required is required here; fields that it does not know may be there, as engines add theirs.
 */
const schemas = { ...chatShapes, ...listShapes, ...responseShapes };
export type ShapeName = keyof typeof schemas;

const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true });
for (const [name, schema] of Object.entries(schemas)) ajv.addSchema(schema, name);

/** What is wrong with an answer, by OpenAI's shapes; empty: nothing. */
export function faultsOf(name: ShapeName, value: unknown): string[] {
  const validate = ajv.getSchema(name) as ValidateFunction;
  if (validate(value) === true) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
