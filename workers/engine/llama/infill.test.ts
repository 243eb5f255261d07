import { describe, expect, it } from "vitest";
import { encodeInfill } from "./infill";

const tokens = { prefix: 1, suffix: 2, middle: 3 };
const prompt = { text: "ab", suffix: "c" };
const tokenize = (text: string): number[] => [...text].map((character) => character.charCodeAt(0));

describe("encodeInfill", () => {
  it("puts prefix, suffix and middle in the order of training", () => {
    expect(encodeInfill(prompt, tokens, tokenize)).toEqual([1, 97, 98, 2, 99, 3]);
  });

  it("puts the suffix first for a model without a token for the middle", () => {
    expect(encodeInfill(prompt, { ...tokens, middle: null }, tokenize)).toEqual([2, 99, 1, 97, 98]);
  });

  it("has nothing for a model that does not fill in", () => {
    expect(encodeInfill(prompt, { ...tokens, suffix: null }, tokenize)).toBeNull();
    expect(encodeInfill(prompt, { ...tokens, prefix: null }, tokenize)).toBeNull();
  });
});
