import { describe, expect, it } from "vitest";
import { backoffMs } from "./backoff";

const options = { firstMs: 250, capMs: 10_000 };

describe("backoffMs", () => {
  it("doubles and is capped", () => {
    const atMost = [0, 1, 2, 5, 6, 1000].map((attempt) => backoffMs(attempt, options, () => 1));
    expect(atMost).toEqual([250, 500, 1000, 8000, 10_000, 10_000]);
  });

  it("spreads over the upper half", () => {
    expect(backoffMs(2, options, () => 0)).toBe(500);
    expect(backoffMs(2, options, () => 0.5)).toBe(750);
  });
});
