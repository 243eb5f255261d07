import { describe, expect, it } from "vitest";
import {
  formatChange,
  formatDifference,
  formatMargin,
  formatProbability,
  formatRankSpread,
  formatScore,
  formatSeconds,
  formatShare,
  formatShareMargin,
} from "./format-number";

describe("numbers as the page writes them", () => {
  it("never groups a score and uses a true minus", () => {
    expect(formatScore(1024.12, "en", 1)).toBe("1024.1");
    expect(formatScore(1118.4, "zh")).toBe("1118");
    expect(formatScore(-3.2, "en", 1)).toBe("\u22123.2");
    expect(formatScore(-0.01, "en")).toBe("0");
  });

  it("signs a change, but not nothing", () => {
    expect(formatChange(0.1, "en")).toBe("+0.1");
    expect(formatChange(-0.84, "en")).toBe("\u22120.8");
    expect(formatChange(0.01, "en")).toBe("0.0");
  });

  it("writes margins, rank spreads and times", () => {
    expect(formatMargin(1014, 1034, "en")).toBe("±10");
    expect(formatRankSpread(8, 10)).toBe("8–10");
    expect(formatRankSpread(16, 16)).toBe("16");
    expect(formatSeconds(210, "en")).toBe("0.21");
    expect(formatSeconds(8_700, "en")).toBe("8.7");
    expect(formatSeconds(128_400, "zh")).toBe("128");
  });

  it("signs a difference of scores in whole points", () => {
    expect(formatDifference(31.2, "en")).toBe("+31");
    expect(formatDifference(-22.4, "en")).toBe("\u221222");
    expect(formatDifference(0.2, "en")).toBe("0");
    expect(formatDifference(-0.2, "en")).toBe("0");
    expect(formatDifference(1234, "en")).toBe("+1234");
  });

  it("writes shares, and never rounds a probability to certainty", () => {
    expect(formatShare(0.514)).toBe("51\u00a0%");
    expect(formatShareMargin(0.4, 0.6)).toBe("±10");
    expect(formatProbability(0.42)).toBe("42\u00a0%");
    expect(formatProbability(0.9999)).toBe(">\u202f99\u00a0%");
    expect(formatProbability(0.0001)).toBe("<\u202f1\u00a0%");
  });
});
