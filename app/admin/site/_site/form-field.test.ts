import { describe, expect, it } from "vitest";
import { z } from "zod";
import { fieldsOf, parseField, textOf, valueAt, withValue } from "./form-field";

const section = z.strictObject({
  isOpen: z.boolean().default(true),
  limit: z.number().int().min(1).max(10).nullable().default(null),
  share: z.number().min(0).max(1).default(0.5),
  mode: z.enum(["closed", "open"]).default("closed"),
  thresholds: z.strictObject({ answer: z.number().min(0).max(1).default(0.8) }).prefault({}),
  hosts: z.array(z.string()).default([]),
  note: z.string().default(""),
});
const fields = fieldsOf(z.toJSONSchema(section, { io: "input" }));
const named = (name: string) => {
  const field = fields.find(({ path }) => path.join(".") === name);
  if (field === undefined) throw new Error(name);
  return field;
};

describe("fieldsOf", () => {
  it("finds every field of a section, with its kind and bounds", () => {
    expect(fields.map(({ path, kind }) => [path.join("."), kind])).toEqual([
      ["isOpen", "boolean"],
      ["limit", "integer"],
      ["share", "number"],
      ["mode", "choice"],
      ["thresholds.answer", "number"],
      ["hosts", "list"],
      ["note", "text"],
    ]);
    expect(named("limit")).toMatchObject({ isNullable: true, min: 1, max: 10 });
    expect(named("mode").choices).toEqual(["closed", "open"]);
  });

  it("reads boxes, and refuses what the section would refuse", () => {
    expect(parseField(named("limit"), " ")).toBeNull();
    expect(parseField(named("limit"), "11")).toBeUndefined();
    expect(parseField(named("limit"), "1.5")).toBeUndefined();
    expect(parseField(named("share"), "0.25")).toBe(0.25);
    expect(parseField(named("share"), "")).toBeUndefined();
    expect(parseField(named("hosts"), "a\n b ")).toEqual(["a", "b"]);
    expect(parseField(named("note"), "")).toBe("");
  });

  it("changes one value and leaves the others", () => {
    const value = section.parse({});
    const changed = withValue(value, ["thresholds", "answer"], 0.9);
    expect(valueAt(changed, ["thresholds", "answer"])).toBe(0.9);
    expect(value.thresholds.answer).toBe(0.8);
    expect(section.parse(changed).hosts).toEqual([]);
    expect(textOf(["a", "b"])).toBe("a\nb");
    expect(textOf(null)).toBe("");
  });
});
