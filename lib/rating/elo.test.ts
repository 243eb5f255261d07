import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ELO_START, eloExpected, eloUpdate } from "./elo";
import { codeOf } from "./test-support";

const rating = fc.double({ min: 0, max: 3000, noNaN: true });
const outcome = fc.constantFrom("a" as const, "b" as const, "tie" as const, "both_bad" as const);

describe("eloUpdate", () => {
  it("moves two new models by half of K = 4 on a win, and not at all on either tie", () => {
    expect(eloUpdate(ELO_START, ELO_START, "a")).toEqual({ a: 1002, b: 998 });
    expect(eloUpdate(ELO_START, ELO_START, "b")).toEqual({ a: 998, b: 1002 });
    expect(eloUpdate(ELO_START, ELO_START, "tie")).toEqual({ a: 1000, b: 1000 });
    expect(eloUpdate(ELO_START, ELO_START, "both_bad")).toEqual({ a: 1000, b: 1000 });
  });

  it("gives odds of 10 : 1 at 400 points", () => {
    expect(eloExpected(1400, 1000)).toBeCloseTo(10 / 11, 15);
    expect(eloUpdate(1400, 1000, "a").a).toBeCloseTo(1400 + 4 / 11, 12);
  });

  it("gives to one side what it takes from the other, and treats both kinds of tie alike", () => {
    fc.assert(
      fc.property(rating, rating, outcome, (a, b, vote) => {
        const after = eloUpdate(a, b, vote);
        expect(after.a + after.b).toBeCloseTo(a + b, 9);
        expect(eloUpdate(a, b, "tie")).toEqual(eloUpdate(a, b, "both_bad"));
      }),
    );
  });

  it("does not care which model stood on side A", () => {
    const mirror = { a: "b", b: "a", tie: "tie", both_bad: "both_bad" } as const;
    fc.assert(
      fc.property(rating, rating, outcome, (a, b, vote) => {
        const there = eloUpdate(a, b, vote);
        const back = eloUpdate(b, a, mirror[vote]);
        expect(back.b).toBeCloseTo(there.a, 9);
        expect(back.a).toBeCloseTo(there.b, 9);
      }),
    );
  });

  it("refuses what is not a number", () => {
    expect(codeOf(() => eloUpdate(Number.NaN, 1000, "a"))).toBe("bad_argument");
    expect(codeOf(() => eloUpdate(1000, 1000, "a", { scale: 0 }))).toBe("bad_argument");
  });
});
