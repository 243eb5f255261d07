import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { busyMachine } from "../../test-support";
import { jsonMembers, parseValue, replaceValue } from "./json-members";

vi.setConfig(busyMachine);

/** Small: making the values takes most of the time. */
const object = fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 5 });

const rawValue = (text: string, name: string): string | undefined => {
  const bytes = Buffer.from(text);
  const member = jsonMembers(bytes)?.find((one) => one.name === name);
  return member && bytes.subarray(member.start, member.end).toString();
};

describe("jsonMembers", () => {
  it("finds what JSON.parse finds, in any JSON however it is laid out", () => {
    const layout = fc.constantFrom(undefined, 1, "\t", " \n");
    fc.assert(
      fc.property(object, layout, (value, space) => {
        const bytes = Buffer.from(JSON.stringify(value, null, space));
        const found = jsonMembers(bytes)?.map(
          ({ name, start, end }) => [name, parseValue(bytes.subarray(start, end))] as const,
        );
        expect(Object.fromEntries(found ?? [])).toEqual(JSON.parse(bytes.toString()));
      }),
    );
  });

  it("reads numbers, escaped names and quotes in strings as they are written", () => {
    const text = '{"seed":12345678901234567890 ,"mod\\u0065l" : "a\\\\\\"b","last":-1e400}';
    expect(rawValue(text, "seed")).toBe("12345678901234567890");
    expect(rawValue(text, "model")).toBe('"a\\\\\\"b"');
    expect(rawValue(text, "last")).toBe("-1e400");
  });

  it.each([
    "",
    "[]",
    "null",
    '"model"',
    "{",
    '{"a"}',
    '{"a":}',
    '{"a":1',
    '{"a":1}}',
    '{"a":"x',
    '{"a":1,}',
    "{a:1}",
  ])("is null for %s", (text) => {
    expect(jsonMembers(Buffer.from(text))).toBeNull();
  });
});

describe("replaceValue", () => {
  it("leaves every other byte", () => {
    const text = '{ "n":1.50e1,"model"\t:"old" , "x":"\u2028\\u00e9é😀"}';
    const bytes = Buffer.from(text);
    const member = jsonMembers(bytes)?.find(({ name }) => name === "model");
    if (member === undefined) throw new Error("no model");
    expect(replaceValue(bytes, member, 'n"ew').toString()).toBe(text.replace('"old"', '"n\\"ew"'));
  });
});
