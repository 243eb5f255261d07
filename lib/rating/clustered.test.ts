import { describe, expect, it } from "vitest";
import { fitBradleyTerry } from "./bradley-terry";
import { clusteredCovariance } from "./clustered";
import { differenceError, sandwichCovariance } from "./covariance";
import { seededRandom } from "./random";
import { codeOf, needsData, pairsOf, puddingPairs, readData } from "./test-support";
import { type PairCounts, Z_95 } from "./types";
import type { VoterCounts } from "./voter-counts";

const oneVoteEach = (pairs: PairCounts[]): VoterCounts[] => {
  let voter = 0;
  return pairs.flatMap((pair) =>
    (["winI", "winJ", "tie", "bothBad"] as const).flatMap((cell) =>
      Array.from({ length: pair[cell] }, () => ({
        ...{ i: pair.i, j: pair.j, winI: 0, winJ: 0, tie: 0, bothBad: 0 },
        [cell]: 1,
        voter: voter++,
      })),
    ),
  );
};

describe("clusteredCovariance", () => {
  const fit = fitBradleyTerry(6, puddingPairs);

  it("is the sandwich, times C / (C − 1), when every voter voted once, known or not", () => {
    const expected = sandwichCovariance(fit).values.map((value) => (value * 745) / 744);
    for (const rows of [oneVoteEach(puddingPairs), oneVoteEach(puddingPairs).slice(0, 300), []]) {
      clusteredCovariance(fit, rows).values.forEach((value, at) => {
        expect(value).toBeCloseTo(expected[at] as number, 10);
      });
    }
  });

  it("knows that ten copies of a voter's vote are one opinion", () => {
    const rows = oneVoteEach(puddingPairs).map((row) => ({
      ...row,
      winI: row.winI * 10,
      winJ: row.winJ * 10,
      tie: row.tie * 10,
    }));
    const copied = clusteredCovariance(fitBradleyTerry(6, rows), rows);
    const single = clusteredCovariance(fit, oneVoteEach(puddingPairs));
    expect(differenceError(copied, 0, 5)).toBeCloseTo(differenceError(single, 0, 5), 10);
  });

  it("does not mind which model of a pair a row names first", () => {
    const rows = oneVoteEach(puddingPairs).map((row) => ({ ...row, voter: row.voter % 50 }));
    const turned = rows.map((row) => ({ ...row, i: row.j, j: row.i, winI: row.winJ, winJ: row.winI }));
    expect(clusteredCovariance(fit, turned).values).toEqual(clusteredCovariance(fit, rows).values);
  });

  it("covers at its nominal rate where voters have tastes of their own, and the plain sandwich does not", () => {
    const random = seededRandom(12);
    let clustered = 0;
    let plain = 0;
    const boards = 300;
    for (let board = 0; board < boards; board++) {
      const rows: VoterCounts[] = [];
      for (let voter = 0; voter < 60; voter++) {
        // Half of the voters like model 0 and half model 2; nobody is better on the whole.
        const taste = random() < 0.5 ? 1 : -1;
        for (let vote = 0; vote < 12; vote++) {
          const [i, j] = (
            [
              [0, 1],
              [0, 2],
              [1, 2],
            ] as const
          )[vote % 3] ?? [0, 1];
          const hasWonI = random() < 1 / (1 + Math.exp(-taste * (j - i)));
          rows.push({ i, j, winI: hasWonI ? 1 : 0, winJ: hasWonI ? 0 : 1, tie: 0, bothBad: 0, voter });
        }
      }
      const fit3 = fitBradleyTerry(3, rows);
      const gap = Math.abs((fit3.beta[0] as number) - (fit3.beta[2] as number));
      if (gap <= Z_95 * differenceError(clusteredCovariance(fit3, rows), 0, 2)) clustered++;
      if (gap <= Z_95 * differenceError(sandwichCovariance(fit3), 0, 2)) plain++;
    }
    expect(clustered / boards).toBeGreaterThan(0.91);
    expect(plain / boards).toBeLessThan(0.8);
  });

  it("refuses votes that the fit does not hold", () => {
    const extra: VoterCounts = { i: 0, j: 1, winI: 20, winJ: 0, tie: 0, bothBad: 0, voter: 1 };
    expect(codeOf(() => clusteredCovariance(fit, [extra]))).toBe("bad_counts");
    expect(codeOf(() => clusteredCovariance(fit, [{ ...extra, winI: -1 }]))).toBe("bad_counts");
    const island = fitBradleyTerry(
      3,
      pairsOf([
        [0, 1, 1, 1],
        [1, 2, 1, 1],
      ]),
    );
    expect(codeOf(() => clusteredCovariance(island, [{ ...extra, winI: 1, j: 2 }]))).toBe("bad_counts");
  });
});

const crowd = needsData("8,931 votes by 124 known voters", "llmfao_crowd_comparisons.csv");
describe.skipIf(crowd.isAbsent)(crowd.title, () => {
  it("are less certain than as many independent votes", () => {
    const [, ...lines] = readData("llmfao_crowd_comparisons.csv").trim().split(/\r?\n/);
    const rows = lines.map((line): VoterCounts => {
      const [, , i, j, voter, winner] = line.split(",");
      const cell = winner === "left" ? "winI" : winner === "right" ? "winJ" : "tie";
      const empty = { winI: 0, winJ: 0, tie: 0, bothBad: 0 };
      return { ...empty, i: Number(i), j: Number(j), voter: Number(voter), [cell]: 1 };
    });
    const ids = [...new Set(rows.flatMap(({ i, j }) => [i, j]))].sort((a, b) => a - b);
    const place = new Map(ids.map((id, k) => [id, k]));
    const votes = rows.map((row) => ({ ...row, i: place.get(row.i) ?? -1, j: place.get(row.j) ?? -1 }));
    const fit = fitBradleyTerry(ids.length, votes);
    const plain = sandwichCovariance(fit);
    const clustered = clusteredCovariance(fit, votes);
    const trace = (values: Float64Array) =>
      ids.reduce((sum, _, k) => sum + (values[k * ids.length + k] as number), 0);
    expect(ids).toHaveLength(59);
    expect(fit.converged).toBe(true);
    expect(Math.sqrt(trace(clustered.values) / trace(plain.values))).toBeGreaterThan(1.05);
  });
});
