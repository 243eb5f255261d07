import { describe, expect, it } from "vitest";
import { parsePooling, pool } from "./pooling";

describe("pool", () => {
  /** Three states of two values. */
  const states = Float32Array.from([1, 2, 3, -4, 5, 8]);

  it.each([
    ["mean", [3, 2]],
    ["cls", [1, 2]],
    ["last", [5, 8]],
    ["max", [5, 8]],
  ] as const)("%s", (pooling, vector) => {
    expect(pool(states, 3, 2, pooling)).toEqual(vector);
  });

  it("takes each column's own maximum", () => {
    expect(pool(Float32Array.from([1, 2, 3, -4]), 2, 2, "max")).toEqual([3, 2]);
  });
});

describe("parsePooling", () => {
  it("reads sentence-transformers' flags", () => {
    const off = {
      word_embedding_dimension: 384,
      pooling_mode_cls_token: false,
      pooling_mode_mean_tokens: false,
      pooling_mode_max_tokens: false,
      pooling_mode_mean_sqrt_len_tokens: false,
    };
    expect(parsePooling({ ...off, pooling_mode_mean_tokens: true })).toBe("mean");
    expect(parsePooling({ ...off, pooling_mode_cls_token: true })).toBe("cls");
    expect(parsePooling({ ...off, pooling_mode_lasttoken: true })).toBe("last");
    expect(parsePooling({ pooling_mode: "lasttoken" })).toBe("last");
    expect(parsePooling({ pooling_mode: ["cls"] })).toBe("cls");
  });

  it.each([
    [{ pooling_mode_cls_token: true, pooling_mode_mean_tokens: true }, /cls_token and pooling_mode_mean/],
    [{ pooling_mode_mean_sqrt_len_tokens: true }, /mean_sqrt_len/],
    [{ pooling_mode: "weightedmean" }, /weightedmean is not supported/],
    [{}, /none is not supported/],
  ])("refuses %j", (config, message) => {
    expect(() => parsePooling(config)).toThrow(message);
  });
});
