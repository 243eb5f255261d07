import { describe, expect, it } from "vitest";
import { hashPrompts, normalizePrompt } from "./prompt-hash";
import { isTooFast } from "./vote-speed";

const rule = { minAfterMs: 300, maxCharactersPerSecond: 1_000 };

describe("a vote's speed", () => {
  it("is no person's before one can have seen that voting is open", () => {
    const timing = { characters: 100, sinceBegin: 60_000 };
    expect(isTooFast({ ...timing, sinceEnd: 299 }, rule)).toBe(true);
    expect(isTooFast({ ...timing, sinceEnd: 300 }, rule)).toBe(false);
  });

  it("is no person's where nobody could have skimmed the answers", () => {
    expect(isTooFast({ characters: 8_000, sinceBegin: 7_999, sinceEnd: 1_000 }, rule)).toBe(true);
    expect(isTooFast({ characters: 8_000, sinceBegin: 8_000, sinceEnd: 1_000 }, rule)).toBe(false);
    expect(isTooFast({ characters: 0, sinceBegin: 0, sinceEnd: 300 }, rule)).toBe(false);
  });
});

describe("a prompt's hash", () => {
  const key = Buffer.alloc(32, 7);
  const same = (one: string, two: string) =>
    hashPrompts([one], key)?.equals(hashPrompts([two], key) ?? Buffer.of());

  it("is the same however it is dressed", () => {
    expect(same("What is 2 + 2?", "what  is 2 2")).toBe(true);
    expect(same("Ｈｅｌｌｏ\u200b", "hello!")).toBe(true);
    expect(same("你好。", "你好")).toBe(true);
    expect(same("Hello", "Hello you")).toBe(false);
    expect(normalizePrompt("Straße — №5")).toBe("straße no5");
  });

  it("tells turns apart, needs the key, and is none where nothing is left", () => {
    expect(hashPrompts(["a", "b"], key)).not.toEqual(hashPrompts(["a b"], key));
    expect(hashPrompts(["a"], key)).not.toEqual(hashPrompts(["a"], Buffer.alloc(32, 8)));
    expect(hashPrompts(["?!"], key)).toBeNull();
  });
});
