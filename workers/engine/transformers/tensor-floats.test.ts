import { expect, it } from "vitest";
import { fromHalf, tensorFloats } from "./tensor-floats";

it("reads 16-bit floats from their bits", () => {
  const bits = [0x0000, 0x3c00, 0xc000, 0x7bff, 0x0001, 0x3555];
  expect(bits.map(fromHalf)).toEqual([0, 1, -2, 65504, 2 ** -24, 0.333251953125]);
  expect(fromHalf(0x8000)).toBe(-0);
  expect([0x7c00, 0xfc00, 0x7e00].map(fromHalf)).toEqual([Infinity, -Infinity, Number.NaN]);
  expect([...tensorFloats({ type: "float16", data: Uint16Array.from([0x3c00]) })]).toEqual([1]);
  expect(() => tensorFloats({ type: "int64", data: BigInt64Array.from([1n]) })).toThrow("gives int64");
});
