import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comparisonComponents, dominanceComponents } from "./graph";
import { pairsOf, sparseBoards } from "./test-support";
import type { PairCounts } from "./types";

describe("components", () => {
  it("finds islands, and models without votes", () => {
    const { count, label, sizes } = comparisonComponents(
      6,
      pairsOf([
        [0, 3, 1, 0],
        [4, 1, 0, 2],
        [3, 5, 1, 1],
      ]),
    );
    expect(count).toBe(3);
    expect([...label]).toEqual([0, 1, 2, 0, 1, 0]);
    expect([...sizes]).toEqual([3, 2, 1]);
  });

  it("splits a chain of wins, joins a cycle of wins, and lets a tie point both ways", () => {
    const chain = dominanceComponents(
      3,
      pairsOf([
        [2, 0, 1, 0],
        [0, 1, 1, 0],
      ]),
    );
    expect([...chain.label], "winners first").toEqual([1, 2, 0]);
    const cycle = pairsOf([
      [2, 0, 1, 0],
      [0, 1, 1, 0],
      [1, 2, 1, 0],
    ]);
    expect(dominanceComponents(3, cycle).count).toBe(1);
    expect(dominanceComponents(2, pairsOf([[0, 1, 0, 0, 1]])).count).toBe(1);
  });

  it("agrees with reachability by brute force", () => {
    fc.assert(
      fc.property(sparseBoards, ({ modelCount, pairs }) => {
        const reach = transitiveClosure(modelCount, pairs);
        const { label } = dominanceComponents(modelCount, pairs);
        for (let i = 0; i < modelCount; i++) {
          for (let j = 0; j < modelCount; j++) {
            const isMutual = Boolean(reach[i]?.[j] && reach[j]?.[i]);
            expect(label[i] === label[j]).toBe(isMutual);
            if (reach[i]?.[j]) expect(label[i]).toBeLessThanOrEqual(label[j] as number);
          }
        }
      }),
    );
  });

  it("walks a chain of 3000 models without recursion", () => {
    const pairs = pairsOf(Array.from({ length: 2999 }, (_, k) => [k, k + 1, 1, 0] as const));
    expect(dominanceComponents(3000, pairs).count).toBe(3000);
    expect(comparisonComponents(3000, pairs).count).toBe(1);
  });
});

function transitiveClosure(m: number, pairs: PairCounts[]): boolean[][] {
  const reach = Array.from({ length: m }, (_, i) => Array.from({ length: m }, (_, j) => i === j));
  const mark = (from: number, to: number, isArrow: boolean) => {
    const row = reach[from];
    if (row && isArrow) row[to] = true;
  };
  for (const { i, j, winI, winJ, tie, bothBad } of pairs) {
    mark(i, j, winI + tie + bothBad > 0);
    mark(j, i, winJ + tie + bothBad > 0);
  }
  for (let k = 0; k < m; k++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < m; j++) mark(i, j, Boolean(reach[i]?.[k] && reach[k]?.[j]));
    }
  }
  return reach;
}
