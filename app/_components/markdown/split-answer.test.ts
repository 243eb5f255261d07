import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { scenarioNames, scenarioText } from "@/workers/engine/mock/scenarios";
import { splitAnswer } from "./split-answer";

const paragraph = `${"A sentence of some length that says a little. ".repeat(10)}\n\n`;
const long = paragraph.repeat(4);

describe("splitAnswer", () => {
  it("gives the text back, and leaves finished parts as they are while text is added", () => {
    const lines = fc.constantFrom(
      ...["# Heading", "A paragraph.", "- item", "1. one", "  indented", "```py", "```", "$$", "\\[", "\\]"],
      ...["| a | b |", "> quote", "", "", "**Bold** start", "中文段落。", "a $x$ b", paragraph.trim()],
    );
    fc.assert(
      fc.property(fc.array(lines, { maxLength: 60 }), fc.nat(), (all, cut) => {
        const text = all.join("\n");
        const parts = splitAnswer(text);
        expect(parts.join("")).toBe(text);
        const earlier = splitAnswer(text.slice(0, cut % (text.length + 1)));
        expect(parts.slice(0, earlier.length - 1)).toEqual(earlier.slice(0, -1));
      }),
      { numRuns: 500 },
    );
  });

  it("cuts long answers, each part beginning with something new", () => {
    const parts = splitAnswer(scenarioText("rich"));
    expect(parts.length).toBeGreaterThan(3);
    for (const part of parts.slice(1)) expect(part).toMatch(/^(?:## |\p{L})/u);
    for (const name of scenarioNames)
      expect(splitAnswer(scenarioText(name)).join("")).toBe(scenarioText(name));
  });

  it.each([
    ["a block of code", `${long}\`\`\`md\n${long}# no heading\n`],
    ["a longer fence with a shorter one in it", `${long}\`\`\`\`md\n\`\`\`\n${long}`],
    ["a formula", `${long}$$\n${long}`],
    ["a list", `${long}- one\n\n  ${long.replaceAll("\n\n", "\n\n  ")}`],
  ])("does not cut within %s", (_, text) => {
    expect(splitAnswer(text).at(-1)?.length).toBeGreaterThan(long.length);
  });

  it.each([
    ["refers to its own end", `See [this][1].\n\n${long}[1]: https://example.org/\n`],
    ["holds paragraphs in HTML", `<details>\n\n${long}</details>\n`],
  ])("parses as a whole what %s", (_, text) => {
    expect(splitAnswer(text)).toHaveLength(1);
  });
});
