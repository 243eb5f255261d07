import { describe, expect, it } from "vitest";
import { headToHeadHref, modelHref } from "./model-links";

describe("addresses of models", () => {
  it("hold any name, and the board where it is not the blind one", () => {
    expect(modelHref("org/model v2")).toBe("/models/org%2Fmodel%20v2");
    expect(modelHref("m", "judge")).toBe("/models/m?board=judge");
    expect(headToHeadHref("a&b", "c")).toBe("/leaderboard/h2h?a=a%26b&b=c");
    expect(headToHeadHref("a", undefined, "compare")).toBe("/leaderboard/h2h?a=a&board=compare");
  });
});
