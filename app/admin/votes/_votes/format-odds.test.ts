import { describe, expect, it } from "vitest";
import { formatOdds } from "./format-odds";

describe("odds", () => {
  it.each([
    [Math.log(2.5), "2.5"],
    [Math.log(1999), "1,900"],
    [Math.log(999_999), "990,000"],
    [Math.log(1e6), "10⁶"],
    [Math.log(3e12), "10¹²"],
    [2_000, "10⁸⁶⁸"],
  ])("of e to the %d are %s", (log, text) => {
    expect(formatOdds(log + 1e-9, "en")).toBe(text);
  });
});
