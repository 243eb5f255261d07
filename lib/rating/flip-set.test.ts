import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitBradleyTerry } from "./bradley-terry";
import { type FlipSet, flipFirstPlace } from "./flip-set";
import { seededRandom } from "./random";
import {
  codeOf,
  needsData,
  pairsOf,
  puddingPairs,
  readArenaPairs,
  simulateVotes,
  swapped,
} from "./test-support";
import type { PairCounts } from "./types";

const CELLS = ["winI", "winJ", "tie", "bothBad"] as const;

const leaderOf = (modelCount: number, pairs: readonly PairCounts[], holder = 0): number => {
  const { beta } = fitBradleyTerry(modelCount, pairs);
  return beta.reduce((best, value, k) => (value > (beta[best] ?? 0) + 1e-9 ? k : best), holder);
};

/** What is left without some votes. */
function without(pairs: readonly PairCounts[], removed: readonly PairCounts[]): PairCounts[] {
  return pairs.map((pair) => {
    const gone = removed.find(({ i, j }) => i === pair.i && j === pair.j);
    const left = { ...pair };
    for (const cell of CELLS) left[cell] -= gone?.[cell] ?? 0;
    return left;
  });
}

/** The size of the smallest set that changes first place, by trying all sets of up to `most` votes. */
function smallest(modelCount: number, pairs: readonly PairCounts[], most: number): number | null {
  const leader = leaderOf(modelCount, pairs);
  const cells = pairs.flatMap((_, at) => CELLS.map((cell) => ({ at, cell })));
  const tries = (from: number, votes: number, left: PairCounts[]): boolean => {
    if (votes === 0) {
      try {
        return leaderOf(modelCount, left, leader) !== leader;
      } catch {
        // Sets that take the finite score from a model do not count.
        return false;
      }
    }
    return cells.slice(from).some(({ at, cell }, offset) => {
      const pair = left[at] as PairCounts;
      if (pair[cell] === 0) return false;
      const fewer = left.map((other, k) => (k === at ? { ...other, [cell]: other[cell] - 1 } : other));
      return tries(from + offset, votes - 1, fewer);
    });
  };
  for (let votes = 1; votes <= most; votes++) if (tries(0, votes, [...pairs])) return votes;
  return null;
}

/** What every answer must be: it changes first place, and every single vote of it is needed. */
function expectSound(modelCount: number, pairs: readonly PairCounts[], found: FlipSet): void {
  const { leader, newLeader, removed } = found;
  expect(leaderOf(modelCount, pairs)).toBe(leader);
  expect(leaderOf(modelCount, without(pairs, removed), leader)).toBe(newLeader);
  expect(newLeader).not.toBe(leader);
  let votes = 0;
  for (const gone of removed) {
    for (const cell of CELLS) {
      votes += gone[cell];
      if (gone[cell] === 0) continue;
      const fewer = removed.map((other) => (other === gone ? { ...other, [cell]: other[cell] - 1 } : other));
      expect(leaderOf(modelCount, without(pairs, fewer), leader)).toBe(leader);
    }
  }
  expect(found.votes).toBe(votes);
}

describe("flipFirstPlace", () => {
  it("turns a lead of two models with as many wins as it is, and one", () => {
    const found = flipFirstPlace(2, pairsOf([[0, 1, 10, 7, 5]]));
    expect(found).toEqual({
      ...{ method: "greedy", leader: 0, newLeader: 1, votes: 4 },
      removed: [{ i: 0, j: 1, winI: 4, winJ: 0, tie: 0, bothBad: 0 }],
    });
  });

  it("finds the smallest set of small boards, as trying all sets does, or says one that is little larger", () => {
    const random = seededRandom(2025);
    let exact = 0;
    let total = 0;
    for (let board = 0; board < 40; board++) {
      const beta = [0.5 * random(), 0, -0.5 * random()];
      const pairs = simulateVotes(beta, 4 + Math.floor(random() * 5), 0.2, random);
      try {
        fitBradleyTerry(3, pairs);
      } catch {
        continue;
      }
      const optimum = smallest(3, pairs, 4);
      const found = flipFirstPlace(3, pairs);
      if (optimum === null) {
        expect(found?.votes ?? 5).toBeGreaterThan(4);
        continue;
      }
      total++;
      expect(found).not.toBeNull();
      if (found === null) continue;
      expectSound(3, pairs, found);
      expect(found.votes).toBeGreaterThanOrEqual(optimum);
      expect(found.votes).toBeLessThanOrEqual(optimum + 1);
      if (found.votes === optimum) exact++;
    }
    expect(total).toBeGreaterThan(20);
    expect(exact / total).toBeGreaterThan(0.85);
  });

  it("changes first place with a set of which no vote can be put back, on any board", () => {
    const count = fc.integer({ min: 1, max: 12 });
    const boards = fc.integer({ min: 2, max: 5 }).chain((modelCount) =>
      fc
        .array(fc.tuple(count, count, count, count), {
          minLength: (modelCount * (modelCount - 1)) / 2,
          maxLength: (modelCount * (modelCount - 1)) / 2,
        })
        .map((cells) => {
          const pairs: PairCounts[] = [];
          for (let i = 0; i < modelCount; i++) {
            for (let j = i + 1; j < modelCount; j++) {
              const [winI = 1, winJ = 1, tie = 1, bothBad = 1] = cells[pairs.length] ?? [];
              pairs.push({ i, j, winI, winJ, tie, bothBad });
            }
          }
          return { modelCount, pairs };
        }),
    );
    fc.assert(
      fc.property(boards, ({ modelCount, pairs }) => {
        const found = flipFirstPlace(modelCount, pairs);
        expect(found).not.toBeNull();
        if (found !== null) expectSound(modelCount, pairs, found);
        // Seen from the other side, the same votes are the same board.
        expect(flipFirstPlace(modelCount, pairs.map(swapped))).toEqual(found);
      }),
      { numRuns: 40 },
    );
  });

  it("needs as many times more votes as there are", () => {
    const found = flipFirstPlace(6, puddingPairs);
    const tenfold = puddingPairs.map((pair) => ({
      ...pair,
      ...{ winI: pair.winI * 10, winJ: pair.winJ * 10, tie: pair.tie * 10 },
    }));
    expect(found?.leader).toBe(5);
    if (found !== null) expectSound(6, puddingPairs, found);
    const ratio = (flipFirstPlace(6, tenfold)?.votes ?? 0) / (found?.votes ?? 1);
    expect(ratio).toBeGreaterThan(9);
    expect(ratio).toBeLessThan(11);
  });

  it("gives up above the limit, and where no set leaves all scores finite", () => {
    expect(flipFirstPlace(2, pairsOf([[0, 1, 10, 7]]), { maxVotes: 3 })).toBeNull();
    expect(flipFirstPlace(2, pairsOf([[0, 1, 10, 7]]), { maxVotes: 4 })?.votes).toBe(4);
    // One win of the rival: without a win of its own the leader would have no finite score, and level is not behind.
    expect(flipFirstPlace(2, pairsOf([[0, 1, 3, 1]]))).toBeNull();
  });

  it("stops when told to and refuses what it cannot work on", () => {
    const pairs = pairsOf([[0, 1, 10, 7]]);
    const stop = new AbortController();
    stop.abort(new Error("left the page"));
    expect(() => flipFirstPlace(2, pairs, { signal: stop.signal })).toThrow("left the page");
    expect(codeOf(() => flipFirstPlace(2, pairsOf([[0, 1, 1.5, 1]])))).toBe("bad_counts");
    expect(codeOf(() => flipFirstPlace(3, pairs))).toBe("disconnected_comparison_graph");
    expect(codeOf(() => flipFirstPlace(2, pairsOf([[0, 1, 1, 0]])))).toBe("no_finite_maximum");
    expect(codeOf(() => flipFirstPlace(1, []))).toBe("bad_argument");
    expect(codeOf(() => flipFirstPlace(2, pairs, { maxVotes: 0 }))).toBe("bad_argument");
  });
});

const arena = needsData("first place of the Chatbot Arena in August 2024", "lmarena_pairs_20240814.json");
describe.skipIf(arena.isAbsent)(arena.title, () => {
  it("hangs on 462 of 1,670,250 votes at most", () => {
    const { models, pairs } = readArenaPairs();
    const found = flipFirstPlace(models.length, pairs, { rivals: 3 });
    expect(models[found?.leader ?? -1]).toBe("chatgpt-4o-latest");
    expect(models[found?.newLeader ?? -1]).toBe("gemini-1.5-pro-exp-0801");
    expect(found?.votes).toBeLessThan(475);
    const { beta } = fitBradleyTerry(models.length, without(pairs, found?.removed ?? []));
    expect(beta.indexOf(Math.max(...beta))).toBe(found?.newLeader);
  });
});
