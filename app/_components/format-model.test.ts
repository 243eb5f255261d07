import { describe, expect, it } from "vitest";
import { formatContext, formatPrice } from "./format-model";

describe("facts of a model", () => {
  it("writes context and price, and nothing where they are not known", () => {
    expect(formatContext(32_768)).toBe("32k");
    expect(formatContext(512)).toBe("512");
    expect(formatContext(null)).toBe("");
    expect(formatPrice({ inputMicros: 500_000, outputMicros: 15_000_000 }, "en")).toBe("$0.50 / $15.00");
    expect(formatPrice({ inputMicros: 75_000, outputMicros: 0 }, "zh")).toBe("$0.075 / $0.00");
    expect(formatPrice(null, "en")).toBe("");
  });
});
