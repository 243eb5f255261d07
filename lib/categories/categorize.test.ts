import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { categorySchema } from "@/lib/protocol";
import { type BattleText, categorize } from "./categorize";

const ask = (prompt: string, changes: Partial<BattleText> = {}) =>
  categorize({ outcome: "a", turns: [{ prompt, a: "One.", b: "Two." }], ...changes }).categories;

describe("categorize", () => {
  it.each([
    ["Write a Python function that reverses a list.", "code"],
    ["Why does this fail?\n```\nx = 1\n```", "code"],
    ["SELECT name FROM users WHERE id = 1 gives nothing, why?", "code"],
    ["用代码实现快速排序", "code"],
    ["What is 17 * 23?", "math"],
    ["Solve for x: 2x + 3 = 11", "math"],
    ["Prove that $\\sqrt{2}$ is irrational.", "math"],
    ["计算 12 和 30 的和", "math"],
    ["Write a short poem about rain.", "creative_writing"],
    ["写一首关于春天的诗", "creative_writing"],
    ["Describe the weather in the mountains in winter.", "lang_en"],
    ["Beschreibe bitte das Wetter in den Bergen im Winter.", "lang_de"],
    ["法国的首都是哪里？", "lang_zh"],
  ])("puts %j into %s", (prompt, category) => expect(ask(prompt)).toContain(category));

  it.each([
    ["What is the capital of France?", ["code", "math", "creative_writing", "hard_prompt", "long_prompt"]],
    ["Was the war of 1914-1918 avoidable?", ["math", "code"]],
    ["Tell me about the history of poetry in Persia.", ["creative_writing", "code"]],
    ["Recommend a good class for learning to dance.", ["code"]],
  ])("keeps %j out of %j", (prompt, categories) => {
    for (const category of categories) expect(ask(prompt)).not.toContain(category);
  });

  it("calls a prompt hard when four of the five criteria hold", () => {
    const hard =
      "Design a rate limiter for a distributed API. It must use at most 10 MB, without a central lock. Explain the trade-offs and write the core in Rust.";
    expect(ask(hard)).toContain("hard_prompt");
    expect(ask("Write something about API design.")).not.toContain("hard_prompt");
  });

  it("tells single from several turns, and a long prompt from 500 tokens on", () => {
    expect(ask("Hi there")).toContain("first_turn");
    const turn = { prompt: "And then?", a: "x", b: "y" };
    const two = categorize({ outcome: "b", turns: [turn, turn] }).categories;
    expect(two).toContain("multi_turn");
    expect(two).not.toContain("first_turn");
    expect(ask("word ".repeat(499))).not.toContain("long_prompt");
    expect(ask("word ".repeat(500))).toContain("long_prompt");
  });

  it("leaves ties and refusals out where they are to be left out", () => {
    expect(ask("Hi", { outcome: "tie" })).not.toContain("exclude_ties");
    expect(ask("Hi", { outcome: "both_bad" })).not.toContain("exclude_ties");
    for (const a of [
      "I'm sorry, but I can't help with that.",
      "As an AI language model, I cannot give advice.",
      "I cannot assist with this request.",
      "抱歉，我无法回答这个问题。",
    ]) {
      expect(ask("Hi", { turns: [{ prompt: "Hi", a, b: "Sure." }] })).not.toContain("exclude_refusal");
    }
    const story = "The knight bowed. “I'm sorry,” she said, and left the hall.";
    expect(ask("Hi", { turns: [{ prompt: "Hi", a: story, b: "Sure." }] })).toContain("exclude_refusal");
  });

  it("does not guess a language from a few letters or from code", () => {
    for (const prompt of [
      "hello",
      "12345",
      "`const hello = world`",
      "https://example.org/une/longue/adresse",
    ]) {
      expect(ask(prompt).some((category) => category.startsWith("lang_"))).toBe(false);
    }
  });

  it("gives valid, sorted, repeatable categories for any text, whichever side stands where", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 200 });
    fc.assert(
      fc.property(
        fc.array(fc.record({ prompt: text, a: text, b: text }), { minLength: 1, maxLength: 3 }),
        (turns) => {
          const facts = categorize({ outcome: "a", turns });
          for (const category of facts.categories)
            expect(categorySchema.safeParse(category).success).toBe(true);
          expect(facts.categories).toEqual([...new Set(facts.categories)].sort());
          const swapped = categorize({
            outcome: "b",
            turns: turns.map(({ prompt, a, b }) => ({ prompt, a: b, b: a })),
          });
          expect(swapped.categories).toEqual(facts.categories);
          expect(swapped.style).toEqual({ a: facts.style.b, b: facts.style.a });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("takes time in proportion to the text, whatever it is made of", () => {
    // Nested quantifiers would need hours for these.
    for (const unit of ["a ", "**", "$x", "write ", "- - ", "`", "\\", "1 + "]) {
      expect(ask(unit.repeat(16_000))).toBeDefined();
    }
  });
});
