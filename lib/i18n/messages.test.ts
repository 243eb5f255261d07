import { describe, expect, it } from "vitest";
import { errorTable } from "@/lib/errors";
import en from "./messages/en.json";
import zh from "./messages/zh.json";

type Tree = { [key: string]: string | Tree };

function flatten(tree: Tree, prefix = ""): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === "string") flat.set(prefix + key, value);
    else for (const [name, text] of flatten(value, `${prefix}${key}.`)) flat.set(name, text);
  }
  return flat;
}

/** Names of the ICU arguments and of the rich-text tags of a message. */
function argumentsOf(message: string): string[] {
  const names = [...message.matchAll(/\{\s*(\w+)\s*[,}]|<(\w+)>/g)].map(
    (match) => match[1] ?? `<${match[2]}>`,
  );
  return [...new Set(names)].sort();
}

const english = flatten(en);
const chinese = flatten(zh);

describe("messages", () => {
  it("have the same keys in every language", () => {
    expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
  });

  it.each([...english.keys()])("%s takes the same arguments in every language", (key) => {
    expect(argumentsOf(chinese.get(key) ?? "")).toEqual(argumentsOf(english.get(key) ?? ""));
  });

  it.each([
    ["en", english],
    ["zh", chinese],
  ])("of %s are not empty, do not shout and close their braces", (_, messages) => {
    for (const [key, text] of messages) {
      expect(text.trim(), key).not.toBe("");
      expect(text, key).not.toMatch(/[!！]/);
      expect(text.split("{").length, key).toBe(text.split("}").length);
    }
  });

  it("translate every error code", () => {
    expect(Object.keys(en.errors)).toEqual(expect.arrayContaining(Object.keys(errorTable)));
  });
});
