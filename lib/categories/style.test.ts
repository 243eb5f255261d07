import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addStyles, countStyle } from "./style";
import { countTokens } from "./tokens";

describe("countStyle", () => {
  it("counts headings, bold runs and items", () => {
    const text =
      "# Title\n\nSome **bold** and __more__ text.\n\n## Part\n- one\n* two\n  + three\n1. four\n12. five\n####### no\n#no\n-no";
    expect(countStyle(text)).toMatchObject({ headers: 2, bold: 2, lists: 5 });
  });

  it("leaves code blocks out, but not their tokens", () => {
    const block = "```python\n# comment\n- x\n**y**\n```";
    expect(countStyle(`- a\n${block}\n- b`)).toMatchObject({ headers: 0, bold: 0, lists: 2 });
    expect(countStyle(block).tokens).toBeGreaterThan(5);
    expect(countStyle("~~~~\n# a\n~~~\n# b\n~~~~\n# c").headers).toBe(1);
    expect(countStyle("```\n# never closed").headers).toBe(0);
    expect(countStyle("```inline```\n# head").headers).toBe(1);
  });

  it("is additive over texts put below each other, without open code blocks", () => {
    const text = fc
      .array(fc.constantFrom("# h", "- i", "**b**", "word", "1. x", ""), { maxLength: 12 })
      .map((lines) => lines.join("\n"));
    fc.assert(
      fc.property(text, text, (x, y) => {
        expect(countStyle(`${x}\n${y}`)).toEqual(addStyles([countStyle(x), countStyle(y)]));
      }),
    );
  });
});

describe("countTokens", () => {
  it.each([
    ["", 0],
    ["Hello, world!", 4],
    ["internationalization", 3],
    ["12345", 2],
    ["你好世界", 4],
    ["Привет", 1],
  ])("%j has %i", (text, count) => expect(countTokens(text)).toBe(count));
});
