import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { modelNameOf, parseModelAddress } from "./model-address";

describe("parseModelAddress", () => {
  it("reads folders and addresses of the hub", () => {
    expect(parseModelAddress("a/b", null)).toEqual({ kind: "folder", path: resolve("a/b"), dtype: null });
    expect(parseModelAddress("hf:org/name-ONNX:q4f16", null)).toEqual({
      kind: "hub",
      repository: "org/name-ONNX",
      dtype: "q4f16",
    });
    expect(parseModelAddress("hf:org/name", "fp32")).toMatchObject({ repository: "org/name", dtype: "fp32" });
  });

  it.each([
    ["hf:name", null, 'not "hf:name"'],
    ["hf:org/name:q3", null, 'There is no dtype "q3"'],
    ["hf:org/name:q8", "fp32", "--model names the dtype q8, and --dtype names fp32."],
  ] as const)("refuses %s", (text, dtype, message) => {
    expect(() => parseModelAddress(text, dtype)).toThrow(message);
  });
});

it("names a model without its format", () => {
  expect(modelNameOf(parseModelAddress("workers/models/demo-1m-onnx", null))).toBe("demo-1m");
  expect(modelNameOf(parseModelAddress("hf:onnx-community/Qwen3-0.6B-ONNX:q8", null))).toBe("Qwen3-0.6B");
  expect(modelNameOf(parseModelAddress("hf:Xenova/all-MiniLM-L6-v2", null))).toBe("all-MiniLM-L6-v2");
});
