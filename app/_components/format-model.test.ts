import { describe, expect, it } from "vitest";
import { formatContext, formatPrice } from "./format-model";

describe("facts of a model", () => {
  it("writes context and price, and nothing where they are not known", () => {
    expect(formatContext(32_768, "en")).toBe("32k");
    expect(formatContext(128_000, "en")).toBe("128k");
    expect(formatContext(131_072, "en")).toBe("128k");
    expect(formatContext(1_000_000, "en")).toBe("1M");
    expect(formatContext(1_048_576, "zh")).toBe("1M");
    expect(formatContext(512, "en")).toBe("512");
    expect(formatContext(null, "en")).toBe("");
    expect(formatPrice({ inputMicros: 500_000, outputMicros: 15_000_000 }, "en")).toBe("$0.50 / $15.00");
    expect(formatPrice({ inputMicros: 75_000, outputMicros: 0 }, "zh")).toBe("$0.075 / $0.00");
    expect(formatPrice(null, "en")).toBe("");
  });
});
