import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CountRow, fitCounts, fitWithout } from "./fit-counts";

const ids = ["a0", "b1", "c2", "d3"];
const count = fc.integer({ min: 0, max: 40 });
const pairRows: fc.Arbitrary<CountRow[]> = fc
  .array(fc.record({ winLow: count, winHigh: count, tie: count, bothBad: count }), {
    minLength: 6,
    maxLength: 6,
  })
  .map((counts) => {
    const pairs = ids.flatMap((low, at) => ids.slice(at + 1).map((high) => [low, high] as const));
    return pairs.flatMap(([lowId, highId], at) => {
      const row = counts[at];
      return row === undefined ? [] : [{ lowId, highId, ...row }];
    });
  });
const totals = { votes: 1, voters: 1 };

describe("fitCounts", () => {
  it("gives the same board and hash whatever the order of the rows", () => {
    fc.assert(
      fc.property(pairRows, fc.infiniteStream(fc.nat()), (rows, random) => {
        const shuffled = rows
          .map((row) => ({ row, key: random.next().value as number }))
          .sort((x, y) => x.key - y.key)
          .map(({ row }) => row);
        expect(fitCounts(shuffled, totals)).toEqual(fitCounts(rows, totals));
      }),
      { numRuns: 30 },
    );
  });

  it("changes its hash with any count", () => {
    const row: CountRow = { lowId: "a0", highId: "b1", winLow: 3, winHigh: 2, tie: 1, bothBad: 0 };
    const hashes = (["winLow", "winHigh", "tie", "bothBad"] as const).map(
      (key) => fitCounts([{ ...row, [key]: row[key] + 1 }], totals).inputsHash,
    );
    expect(new Set([fitCounts([row], totals).inputsHash, ...hashes]).size).toBe(5);
  });

  it("is empty, not an error, before the first vote", () => {
    expect(fitCounts([], { votes: 0, voters: 0 }).board.rows).toEqual([]);
  });
});

describe("fitWithout", () => {
  it("is the board from before the vote", () => {
    const before: CountRow = { lowId: "a0", highId: "b1", winLow: 9, winHigh: 4, tie: 2, bothBad: 1 };
    const after = fitCounts([{ ...before, winHigh: before.winHigh + 1 }], totals);
    const expected = fitCounts([before], totals).board;
    // The high model stood on side A and won; and the same vote told from the other side.
    expect(fitWithout(after, "b1", "a0", "a").rows).toEqual(expected.rows);
    expect(fitWithout(after, "a0", "b1", "b").rows).toEqual(expected.rows);
  });
});
