import { expect, it } from "vitest";
import { fromByteLevel } from "./token-bytes";

it("reads GPT-2's spelling of bytes", () => {
  expect(fromByteLevel("ĠHello")).toEqual([...Buffer.from(" Hello")]);
  expect(fromByteLevel("Ċ")).toEqual([10]);
  // The first two of the three bytes of "你".
  expect(fromByteLevel("ä½")).toEqual([0xe4, 0xbd]);
  expect(fromByteLevel("你")).toBeNull();
});
