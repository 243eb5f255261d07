import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Demand, fairShare } from "./fair-share";

const demandsOf = (...numbers: number[]): Demand[] =>
  numbers.map((demand, index) => ({ serverId: `server-${index}`, demand, people: 0 }));
const classesOf = (...numbers: [people: number, programs: number][]): Demand[] =>
  numbers.map(([people, programs], index) => ({
    serverId: `server-${index}`,
    demand: people + programs,
    people,
  }));
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

  it("lets people go before programs, whichever server they are at, but for every eighth place", () => {
    expect(sharesOf(16, classesOf([0, 100], [10, 0]))).toEqual([6, 10]);
    expect(sharesOf(16, classesOf([0, 100], [100, 0]))).toEqual([2, 14]);
    expect(sharesOf(16, classesOf([20, 100], [20, 0]))).toEqual([9, 7]);
    const ofOne = Array.from({ length: 8 }, (_, turn) => sharesOf(1, classesOf([0, 9], [9, 0]), turn)[0]);
    expect(ofOne).toEqual([1, 0, 0, 0, 0, 0, 0, 0]);
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
        fc.constantFrom(0, 1),
        (limit, numbers, turn, part) => {
          // One class alone is shared as the other is.
          const demands = demandsOf(...numbers).map((one) => ({ ...one, people: part * one.demand }));
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

  it("always adds up to the limit with both classes, and gives programs more than their eighth only when no person waits", () => {
    const servers = fc.array(fc.tuple(fc.nat(300), fc.nat(300)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.nat(1_000), servers, fc.nat(100), (limit, numbers, turn) => {
        const shares = sharesOf(limit, classesOf(...numbers), turn);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(limit);
        const people = numbers.reduce((sum, [count]) => sum + count, 0);
        const eighth = Math.ceil(limit / 8);
        if (people >= limit) {
          // Whoever has people only has what programs do not.
          const ofPeopleOnly = shares.filter((_, index) => numbers[index]?.[1] === 0);
          const isAllPeople = ofPeopleOnly.length === shares.length;
          const sum = ofPeopleOnly.reduce((total, share) => total + share, 0);
          if (isAllPeople) expect(sum).toBe(limit);
          const ofProgramsOnly = shares.filter((_, index) => numbers[index]?.[0] === 0);
          expect(ofProgramsOnly.reduce((total, share) => total + share, 0)).toBeLessThanOrEqual(eighth);
        }
      }),
    );
  });
});
