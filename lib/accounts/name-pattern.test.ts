import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesAny, matchesPattern, namePatternSchema } from "./name-pattern";

describe("name patterns", () => {
  it.each([
    ["demo-13m", "demo-13m", true],
    ["demo-13m", "demo-13", false],
    ["demo-*", "demo-", true],
    ["demo-*", "Demo-13m", false],
    ["*", "", true],
    ["*/llama*q8*", "meta/llama-3:q8_0", true],
    ["a*a", "a", false],
    ["qwen.5", "qwen25", false],
  ])("%s and %s: %s", (pattern, name, isMatch) => expect(matchesPattern(pattern, name)).toBe(isMatch));

  it("mean what the regular expression with .* for * means", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 12 });
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", ".", "*"), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (glob, name) => {
        const source = glob.replaceAll(".", "\\.").replaceAll("*", ".*");
        expect(matchesPattern(glob, name)).toBe(new RegExp(`^${source}$`).test(name));
      }),
    );
  });

  it("of which one is enough; none matches nothing", () => {
    expect(matchesAny(["x", "demo*"], "demo")).toBe(true);
    expect(matchesAny([], "demo")).toBe(false);
  });

  it("are refused where a name could not hold them", () => {
    for (const bad of ["", "a b", "a?", "x".repeat(129)]) {
      expect(namePatternSchema.safeParse(bad).success).toBe(false);
    }
  });
});
