import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitBradleyTerry } from "./bradley-terry";
import { differenceError, sandwichCovariance } from "./covariance";
import { toScores } from "./score";
import { codeOf, fullBoards, puddingPairs } from "./test-support";

const fit = fitBradleyTerry(6, puddingPairs);
const covariance = sandwichCovariance(fit);

describe("toScores", () => {
  it("puts the mean at 1000, or the anchor at its score, and 400 points at odds of 10 : 1", () => {
    const free = toScores(fit.beta, covariance);
    expect(free.score.reduce((sum, value) => sum + value, 0) / 6).toBeCloseTo(1000, 9);
    const anchored = toScores(fit.beta, covariance, { anchor: { model: 2, score: 1114 } });
    expect(anchored.score[2]).toBe(1114);
    const gap = (fit.beta[0] as number) - (fit.beta[5] as number);
    expect((anchored.score[0] as number) - (anchored.score[5] as number)).toBeCloseTo(
      (400 / Math.LN10) * gap,
      9,
    );
  });

  it("shifts intervals with the anchor and widens none", () => {
    const free = toScores(fit.beta, covariance);
    const anchored = toScores(fit.beta, covariance, { anchor: { model: 2, score: 1114 } });
    expect(anchored.standardError).toEqual(free.standardError);
    expect(anchored.standardError[2]).toBeGreaterThan(0);
    anchored.lower.forEach((lower, k) => {
      const half = 1.959963984540054 * (anchored.standardError[k] as number);
      expect((anchored.score[k] as number) - lower).toBeCloseTo(half, 9);
      expect((anchored.upper[k] as number) - (anchored.score[k] as number)).toBeCloseTo(half, 9);
    });
  });

  it("measures from the anchor when asked to: the anchor is a point, the rest are differences to it", () => {
    const { standardError } = toScores(fit.beta, covariance, {
      anchor: { model: 2, score: 1114 },
      intervalGauge: "anchor",
    });
    expect(standardError[2]).toBeCloseTo(0, 6);
    expect(standardError[4]).toBeCloseTo((400 / Math.LN10) * differenceError(covariance, 4, 2), 9);
  });

  it("gives the same standard error of a difference in every gauge", () => {
    fc.assert(
      fc.property(fullBoards, ({ modelCount, pairs }) => {
        const board = fitBradleyTerry(modelCount, pairs);
        const matrix = sandwichCovariance(board);
        const mean = toScores(board.beta, matrix).covariance;
        const anchor = { model: modelCount - 1, score: 0 };
        const pinned = toScores(board.beta, matrix, { anchor, intervalGauge: "anchor" }).covariance;
        for (let k = 1; k < modelCount; k++) {
          expect(differenceError(pinned, 0, k)).toBeCloseTo(differenceError(mean, 0, k), 6);
        }
      }),
    );
  });

  it("refuses an anchor that is not there", () => {
    expect(codeOf(() => toScores(fit.beta, covariance, { anchor: { model: 6, score: 0 } }))).toBe(
      "bad_argument",
    );
    expect(codeOf(() => toScores(fit.beta, covariance, { intervalGauge: "anchor" }))).toBe("bad_argument");
    expect(codeOf(() => toScores(fit.beta.slice(1), covariance))).toBe("bad_argument");
  });
});
