import { expect, it } from "vitest";
import { fromByteLevel, fromSentencePiece } from "./byte-level";

it("reads GPT-2's spelling of bytes", () => {
  expect(fromByteLevel("ĠHello")).toEqual([...Buffer.from(" Hello")]);
  expect(fromByteLevel("Ċ")).toEqual([10]);
  // The first two of the three bytes of "你".
  expect(fromByteLevel("ä½")).toEqual([0xe4, 0xbd]);
  expect(fromByteLevel("你")).toBeNull();
});

it("reads SentencePiece's spelling", () => {
  expect(fromSentencePiece("\u2581Hello")).toEqual([...Buffer.from(" Hello")]);
  expect(fromSentencePiece("<0xE4>")).toEqual([0xe4]);
});
