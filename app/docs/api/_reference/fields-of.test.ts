import { describe, expect, it } from "vitest";
import { openApiDocument } from "@/lib/openai-schema";
import { type Field, fieldsOf } from "./fields-of";

const { schemas } = openApiDocument().components;
const fieldsFor = (name: string): Map<string, Field> =>
  new Map(fieldsOf(schemas[name] ?? {}).map((field) => [field.name, field]));

describe("the fields of a request", () => {
  it("say what they take, the required ones first", () => {
    const fields = fieldsFor("ChatCompletionRequest");
    expect([...fields.keys()].slice(0, 2)).toEqual(["model", "messages"]);
    expect(fields.get("temperature")).toMatchObject({ type: "number", isRequired: false });
    expect(fields.get("stop")?.type).toBe("string | array of string");
    expect(fields.get("messages")).toMatchObject({ type: "array of object", isRequired: true });
    expect(fields.get("messages")?.fields.map(({ name }) => name)).toEqual(["role", "content", "name"]);
    expect(fields.get("stream_options")?.fields.map(({ name }) => name)).toEqual([
      "include_usage",
      "include_obfuscation",
    ]);
  });

  it.each(Object.keys(schemas))(
    "of %s are described or speak for themselves: none is of an unknown type",
    (name) => {
      for (const field of fieldsFor(name).values()) expect(field.type, field.name).not.toBe("any");
    },
  );
});
