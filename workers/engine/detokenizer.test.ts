import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IncrementalDetokenizer } from "./detokenizer";

/** A tokenizer whose ids are bytes: the hardest case, as every character but ASCII is split. */
const decoder = new TextDecoder();
const bytes = (tokens: readonly number[]): string => decoder.decode(Uint8Array.from(tokens));

function pieces(text: string): string[] {
  const detokenizer = new IncrementalDetokenizer(bytes, []);
  return [...new TextEncoder().encode(text)].map((byte) => detokenizer.push(byte));
}

describe("IncrementalDetokenizer", () => {
  it("waits for the last byte of a character", () => {
    expect(pieces("é🎉")).toEqual(["", "é", "", "", "", "🎉"]);
    expect(pieces("好a")).toEqual(["", "", "好", "a"]);
  });

  it("lets the finished part of an id out before its unfinished end", () => {
    const vocabulary = ["A好\uFFFD", "A好🎉"];
    const detokenizer = new IncrementalDetokenizer((tokens) => vocabulary[tokens.length - 1] ?? "", []);
    expect([detokenizer.push(0), detokenizer.push(1)]).toEqual(["A好", "🎉"]);
  });

  it("does not wait for ever for bytes that are no character", () => {
    const detokenizer = new IncrementalDetokenizer(bytes, []);
    const out = Array.from({ length: 8 }, () => detokenizer.push(0xff)).join("");
    expect(out).toBe("\uFFFD".repeat(8));
    expect(detokenizer.push(0x61)).toBe("a");
  });

  it("tells the detokenizer what came before, the prompt first", () => {
    const seen: number[][] = [];
    const detokenizer = new IncrementalDetokenizer(
      (_tokens, before) => {
        seen.push([...before]);
        return "x";
      },
      [1, 2, 3, 4, 5],
    );
    detokenizer.push(6);
    detokenizer.push(7);
    expect(seen).toEqual([
      [2, 3, 4, 5],
      [3, 4, 5, 6],
    ]);
  });

  it("gives any text back whole, and never half a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
        // A replacement character of the text's own cannot be told from an unfinished one until the next id.
        const plain = `${text.replaceAll("\uFFFD", "")}.`;
        const out = pieces(plain);
        expect(out.join("")).toBe(plain);
        for (const piece of out) expect(piece.isWellFormed() && !piece.includes("\uFFFD")).toBe(true);
      }),
    );
  });
});
