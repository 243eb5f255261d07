import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { vi } from "vitest";
import type { Random } from "./random";
import type { PairCounts } from "./types";

// Simulations take up to a second each, and several times that on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

/** Large public data sets are not part of the project: beside the repository, or wherever ARENA_TEST_DATA says. */
const dataFolder =
  // biome-ignore lint/style/noProcessEnv: a test of mathematics; lib/rating imports nothing, lib/env neither.
  process.env["ARENA_TEST_DATA"] ??
  path.resolve(fileURLToPath(new URL("../..", import.meta.url)), "../shared/data");

/** A title that says why a suite is skipped, and whether it is. */
export function needsData(title: string, file: string): { title: string; isAbsent: boolean } {
  const isAbsent = !existsSync(path.join(dataFolder, file));
  return {
    title: isAbsent ? `${title} (skipped: ${file} is not there; set ARENA_TEST_DATA to its folder)` : title,
    isAbsent,
  };
}

export function readData(file: string): string {
  return readFileSync(path.join(dataFolder, file), "utf8");
}

/** The pair counts of the Chatbot Arena votes of 14 August 2024: 129 models, 3,460 pairs, 1,670,250 votes. */
export function readArenaPairs(): { models: string[]; pairs: PairCounts[] } {
  const raw: { models: string[]; X: number[][]; Y: number[][] } = JSON.parse(
    readData("lmarena_pairs_20240814.json"),
  );
  const pairs = raw.X.map(([i = -1, j = -1], row) => {
    const [winI = 0, winJ = 0, tie = 0, bothBad = 0] = raw.Y[row] ?? [];
    return { i, j, winI, winJ, tie, bothBad };
  });
  return { models: raw.models, pairs };
}

/** Rows [i, j, wins of i, wins of j, ties]. */
export function pairsOf(rows: readonly (readonly [number, number, number, number, number?])[]): PairCounts[] {
  return rows.map(([i, j, winI, winJ, tie = 0]) => ({ i, j, winI, winJ, tie, bothBad: 0 }));
}

/** Davidson (1970): 745 trials of six brands of chocolate pudding; [i, j, prefer i, prefer j, no preference]. */
export const puddingPairs = pairsOf([
  [0, 1, 19, 22, 16],
  [0, 2, 16, 19, 12],
  [1, 2, 19, 19, 10],
  [0, 3, 18, 23, 13],
  [1, 3, 23, 19, 9],
  [2, 3, 19, 20, 15],
  [0, 4, 13, 19, 18],
  [1, 4, 16, 20, 12],
  [2, 4, 16, 15, 17],
  [3, 4, 17, 14, 16],
  [0, 5, 18, 21, 12],
  [1, 5, 22, 20, 12],
  [2, 5, 13, 18, 10],
  [3, 5, 14, 19, 18],
  [4, 5, 11, 21, 12],
]);

/** The 22 games between teams A, B, C, D of the article "Bradley–Terry model" of Wikipedia. */
export const wikipediaPairs = pairsOf([
  [0, 1, 2, 3],
  [0, 3, 1, 4],
  [1, 2, 5, 3],
  [2, 3, 1, 3],
]);

/** Every pair of 2 … 7 models with all four counts ≥ 1: any of the fits exists. */
export const fullBoards: fc.Arbitrary<{ modelCount: number; pairs: PairCounts[] }> = fc
  .integer({ min: 2, max: 7 })
  .chain((modelCount) => {
    const cells: fc.Arbitrary<PairCounts>[] = [];
    const count = fc.integer({ min: 1, max: 60 });
    for (let i = 0; i < modelCount; i++) {
      for (let j = i + 1; j < modelCount; j++) {
        cells.push(
          fc.record({
            i: fc.constant(i),
            j: fc.constant(j),
            winI: count,
            winJ: count,
            tie: count,
            bothBad: count,
          }),
        );
      }
    }
    return fc.tuple(...cells).map((pairs) => ({ modelCount, pairs }));
  });

/** Any counts at all, many of them zero: sparse, disconnected, one-sided. */
export const sparseBoards: fc.Arbitrary<{ modelCount: number; pairs: PairCounts[] }> = fc
  .integer({ min: 1, max: 8 })
  .chain((modelCount) => {
    const index = fc.integer({ min: 0, max: modelCount - 1 });
    const count = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 4 }));
    const pair = fc
      .record({ i: index, j: index, winI: count, winJ: count, tie: count, bothBad: count })
      .filter(({ i, j }) => i !== j);
    return fc.array(pair, { maxLength: modelCount < 2 ? 0 : 12 }).map((pairs) => ({ modelCount, pairs }));
  });

/** The same pair seen from the other side. */
export function swapped(pair: PairCounts): PairCounts {
  return { ...pair, i: pair.j, j: pair.i, winI: pair.winJ, winJ: pair.winI };
}

/**
 * Simulated votes: `votesPerPair` for each pair, P(tie) = `tieRate` (half of them both bad), else a win with
 * P(i) = 1 / (1 + e^(β_j − β_i)); the ½-rule fit then estimates a shrunk β, equal to β where `tieRate` is 0.
 */
export function simulateVotes(
  beta: readonly number[],
  votesPerPair: number,
  tieRate: number,
  random: Random,
): PairCounts[] {
  const pairs: PairCounts[] = [];
  beta.forEach((strength, i) => {
    for (let j = i + 1; j < beta.length; j++) {
      const pair: PairCounts = { i, j, winI: 0, winJ: 0, tie: 0, bothBad: 0 };
      const p = 1 / (1 + Math.exp((beta[j] ?? 0) - strength));
      for (let vote = 0; vote < votesPerPair; vote++) {
        if (random() < tieRate) pair[random() < 0.5 ? "tie" : "bothBad"]++;
        else pair[random() < p ? "winI" : "winJ"]++;
      }
      pairs.push(pair);
    }
  });
  return pairs;
}

/** The code of the error that `action` throws, or "nothing". */
export function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
  return "nothing";
}
