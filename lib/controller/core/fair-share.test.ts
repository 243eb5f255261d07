import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Demand, fairShare } from "./fair-share";

const demandsOf = (...numbers: number[]): Demand[] =>
  numbers.map((demand, index) => ({ serverId: `server-${index}`, demand }));
const sharesOf = (limit: number, demands: Demand[], turn = 0): number[] =>
  demands.map(({ serverId }) => fairShare(limit, demands, serverId, turn));

describe("fairShare", () => {
  it("gives each what it wants while that fits, and divides the rest evenly", () => {
    expect(sharesOf(10, demandsOf(2, 4))).toEqual([4, 6]);
    expect(sharesOf(10, demandsOf(0, 0))).toEqual([5, 5]);
    expect(sharesOf(7, demandsOf(3))).toEqual([7]);
  });

  it("takes from those who want most where it does not fit", () => {
    expect(sharesOf(10, demandsOf(2, 50, 100))).toEqual([2, 4, 4]);
    expect(sharesOf(10, demandsOf(0, 50))).toEqual([0, 10]);
  });

  it("hands a place that cannot be divided from one to the other", () => {
    expect(sharesOf(1, demandsOf(3, 3), 0)).toEqual([1, 0]);
    expect(sharesOf(1, demandsOf(3, 3), 1)).toEqual([0, 1]);
  });

  it("gives nothing to a server that is not among them", () => {
    expect(fairShare(10, demandsOf(1), "stranger", 0)).toBe(0);
  });

  it("always adds up to the limit, and leaves no one short of an equal part that it wants", () => {
    fc.assert(
      fc.property(
        fc.nat(1_000),
        fc.array(fc.nat(300), { minLength: 1, maxLength: 8 }),
        fc.nat(100),
        (limit, numbers, turn) => {
          const demands = demandsOf(...numbers);
          const shares = sharesOf(limit, demands, turn);
          expect(shares.reduce((sum, share) => sum + share, 0)).toBe(limit);
          shares.forEach((share, index) => {
            const wanted = numbers[index] ?? 0;
            expect(share).toBeGreaterThanOrEqual(Math.min(wanted, Math.floor(limit / numbers.length)));
          });
          const isAnyoneShort = shares.some((share, index) => share < (numbers[index] ?? 0));
          if (isAnyoneShort) {
            for (const [index, share] of shares.entries()) {
              expect(share).toBeLessThanOrEqual(numbers[index] ?? 0);
            }
          }
        },
      ),
    );
  });
});
