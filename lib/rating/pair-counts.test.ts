import { describe, expect, it } from "vitest";
import { addOutcome, emptyPairCounts, votesOf } from "./pair-counts";
import { codeOf } from "./test-support";

describe("addOutcome", () => {
  it("counts a win for the model that stood on the winning side", () => {
    const empty = emptyPairCounts(5, 2);
    expect(empty).toMatchObject({ i: 2, j: 5 });
    expect(addOutcome(empty, 2, "a").winI).toBe(1);
    expect(addOutcome(empty, 2, "b").winJ).toBe(1);
    expect(addOutcome(empty, 5, "a").winJ).toBe(1);
    expect(addOutcome(empty, 5, "b").winI).toBe(1);
    expect(addOutcome(empty, 5, "tie").tie).toBe(1);
    expect(addOutcome(empty, 5, "both_bad").bothBad).toBe(1);
    expect(votesOf(empty)).toBe(0);
  });

  it("takes a vote back, and never below zero", () => {
    const one = addOutcome(emptyPairCounts(0, 1), 0, "a");
    expect(votesOf(addOutcome(one, 0, "a", -1))).toBe(0);
    expect(codeOf(() => addOutcome(one, 0, "b", -1))).toBe("bad_counts");
  });

  it("refuses a model that is not of the pair, and a pair of one model", () => {
    expect(codeOf(() => addOutcome(emptyPairCounts(0, 1), 2, "a"))).toBe("bad_counts");
    expect(codeOf(() => emptyPairCounts(3, 3))).toBe("bad_counts");
  });
});
