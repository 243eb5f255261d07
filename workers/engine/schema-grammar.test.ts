import { getLlama, type Llama, LlamaGrammar } from "node-llama-cpp";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { isAppError } from "@/lib/errors";
import { busyMachine } from "../test-support";
import { GrammarRules } from "./grammar-rules";
import { addSchema } from "./schema-grammar";

vi.setConfig(busyMachine);

let llama: Llama;
beforeAll(async () => {
  llama = await getLlama({ build: "never", gpu: false, maxThreads: 1 });
});
afterAll(() => llama.dispose());

function grammarOf(schema: unknown): string {
  const rules = new GrammarRules();
  return rules.text(addSchema(rules, schema, "schema"));
}

/** What llama.cpp itself says about a text. */
function accepts(schema: unknown): (text: string) => boolean {
  const grammar = new LlamaGrammar(llama, { grammar: grammarOf(schema) });
  return (text) => (grammar as unknown as { _testText(text: string): boolean })._testText(text);
}

const person = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 1, maxLength: 3 },
    age: { type: "integer" },
    tags: { type: "array", items: { enum: ["a", 'b"', null] }, minItems: 1, maxItems: 2 },
    nick: { type: ["string", "null"] },
  },
  required: ["name", "tags"],
  additionalProperties: false,
};
const list = {
  $ref: "#/$defs/node",
  $defs: {
    node: {
      type: "object",
      properties: { value: { type: "number" }, next: { $ref: "#/$defs/node" } },
      required: ["value"],
    },
  },
};

describe("addSchema", () => {
  it.each([
    [person, '{"name":"Ann","tags":["a"]}', true],
    [person, '{"name":"Ann", "age": -3, "tags":["b\\""],"nick":null}', true],
    [person, '{\n  "name": "Ann",\n  "tags": ["a", null]\n}', true],
    [person, '{"name":"","tags":["a"]}', false],
    [person, '{"name":"Anna","tags":["a"]}', false],
    [person, '{"name":"Ann","age":1.5,"tags":["a"]}', false],
    [person, '{"name":"Ann","age":1e-5,"tags":["a"]}', false],
    [person, '{"name":"Ann","tags":[]}', false],
    [person, '{"name":"Ann","tags":["a","a","a"]}', false],
    [person, '{"name":"Ann"}', false],
    [person, '{"name":"Ann","tags":["a"],"x":1}', false],
    [{ type: "object" }, '{"a":[1,{"b":null}], "c": "\\n"}', true],
    [{ type: "object" }, "[]", false],
    [{ type: "object", additionalProperties: { type: "integer" } }, '{"a":1,"b":2}', true],
    [{ type: "object", additionalProperties: { type: "integer" } }, '{"a":"1"}', false],
    [{ properties: { a: { const: 1 }, b: { type: "boolean" } } }, "{}", true],
    [{ properties: { a: { const: 1 }, b: { type: "boolean" } } }, '{"b":true}', true],
    [{ properties: { a: { const: 1 }, b: { type: "boolean" } } }, '{,"b":true}', false],
    [list, '{"value":1,"next":{"value":2.5e3}}', true],
    [list, '{"value":1,"next":{}}', false],
    [{ anyOf: [{ type: "string", format: "date" }, { type: "null" }] }, '"2024-02-28"', true],
    [{ anyOf: [{ type: "string", format: "date" }, { type: "null" }] }, '"2024-13-01"', false],
    [{ enum: ["naïve \\ 你"] }, JSON.stringify("naïve \\ 你"), true],
    [{ type: "string", enum: ["a", 1] }, "1", false],
    [true, "[true]", true],
  ])("%j and %s: %s", (schema, text, isAccepted) => {
    expect(accepts(schema)(text)).toBe(isAccepted);
  });

  it.each([
    [{ type: "string", pattern: "^a" }, "schema.pattern"],
    [{ type: "integer", minimum: 0 }, "schema.minimum"],
    [
      { type: "object", properties: { a: { type: "string", format: "email" } } },
      "schema.properties.a.format",
    ],
    [{ oneOf: [{ type: "string" }] }, "schema.oneOf"],
    [{ type: "array", uniqueItems: true }, "schema.uniqueItems"],
    [{ anyOf: [{ type: "object", patternProperties: {} }] }, "schema.anyOf[0].patternProperties"],
    [{ $ref: "https://example.org/other" }, "schema.$ref"],
    [{ $ref: "#/$defs/none" }, "schema.$ref"],
    [{ type: "text" }, "schema.type"],
    [{ minLength: 3 }, "schema.minLength"],
    [{ type: "object", required: ["a"] }, "schema.required"],
    [{ type: "string", maxLength: 3000 }, "schema.maxLength"],
    ["string", "schema"],
  ])("refuses %j at %s", (schema, param) => {
    const attempt = () => grammarOf(schema);
    expect(attempt).toThrow();
    try {
      attempt();
    } catch (error) {
      expect(isAppError(error) && { code: error.code, param: error.param }).toEqual({
        code: "unsupported_parameter",
        param,
      });
    }
  });
});

it("bounds what llama.cpp has to write out", () => {
  const properties = Object.fromEntries(
    Array.from({ length: 11 }, (_, index) => [`p${index}`, { type: "string", maxLength: 2000 }]),
  );
  expect(() => grammarOf({ type: "object", properties })).toThrow("too large");
});

it.each([{ $ref: "#" }, { anyOf: [{ $ref: "#" }, { type: "null" }] }])(
  "makes of %j, which never gets anywhere, a grammar that llama.cpp refuses",
  (schema) => {
    expect(() => accepts(schema)).toThrow();
  },
);
