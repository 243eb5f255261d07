import { describe, expect, it } from "vitest";
import { fitBradleyTerry } from "./bradley-terry";
import { majorityCycles } from "./cycles";
import { calibration, dealFolds, outcomeLogLoss, shareByStrength, shareLogLoss } from "./held-out";
import { seededRandom } from "./random";
import { codeOf, needsData, pairsOf, puddingPairs, readArenaPairs, simulateVotes } from "./test-support";

describe("log-loss", () => {
  it("is ln 2 for knowing nothing, and the entropy for knowing the odds", () => {
    const pairs = pairsOf([[0, 1, 60, 20, 20]]);
    expect(shareLogLoss(() => 0.5, 2, pairs)).toBeCloseTo(Math.LN2, 12);
    const entropy = -(0.7 * Math.log(0.7) + 0.3 * Math.log(0.3));
    expect(shareLogLoss(() => 0.7, 2, pairs)).toBeCloseTo(entropy, 12);
    expect(shareLogLoss(() => 0.69, 2, pairs)).toBeGreaterThan(entropy);
    const known = { winI: 0.6, winJ: 0.2, tie: 0.15, bothBad: 0.05 };
    const outcomes = -(0.6 * Math.log(0.6) + 0.4 * Math.log(0.2));
    expect(outcomeLogLoss(() => known, 2, pairs)).toBeCloseTo(outcomes, 12);
    expect(outcomeLogLoss(() => known, 2, pairs, 4)).toBeGreaterThan(outcomes);
    expect(codeOf(() => shareLogLoss(() => 0.5, 2, []))).toBe("bad_counts");
  });

  it("deals every vote to one fold, and the same way for the same seed", () => {
    const folds = dealFolds(6, puddingPairs, 5, 8);
    const total = (cell: "winI" | "tie") =>
      folds.flat().reduce((sum, pair) => sum + pair[cell], 0) -
      puddingPairs.reduce((sum, pair) => sum + pair[cell], 0);
    expect(total("winI")).toBe(0);
    expect(total("tie")).toBe(0);
    expect(dealFolds(6, puddingPairs, 5, 8)).toEqual(folds);
    expect(codeOf(() => dealFolds(6, puddingPairs, 1, 8))).toBe("bad_argument");
  });
});

describe("calibration", () => {
  it("finds predictions from the right strengths to be right, and exaggerated ones to be exaggerated", () => {
    const beta = [1.5, 0.7, 0, -0.6, -1.6];
    const pairs = simulateVotes(beta, 4000, 0, seededRandom(2));
    for (const bin of calibration(shareByStrength(Float64Array.from(beta)), 5, pairs)) {
      expect(Math.abs(bin.observed - bin.predicted)).toBeLessThan(3.5 * bin.standardError);
      expect(bin.predicted).toBeGreaterThanOrEqual(bin.from);
      expect(bin.predicted).toBeLessThanOrEqual(bin.to);
    }
    const boastful = calibration(shareByStrength(Float64Array.from(beta, (b) => 2 * b)), 5, pairs);
    expect(boastful.every((bin) => bin.observed < bin.predicted)).toBe(true);
    expect(codeOf(() => calibration(() => 0.5, 5, pairs, 0))).toBe("bad_argument");
  });
});

const arena = needsData("the Chatbot Arena votes, held out", "lmarena_pairs_20240814.json");
describe.skipIf(arena.isAbsent)(arena.title, () => {
  it("are foretold better by the other four fifths than by nothing, and nearly as well as by themselves", () => {
    const { models, pairs } = readArenaPairs();
    const [test = [], ...rest] = dealFolds(models.length, pairs, 5, 1);
    const { beta } = fitBradleyTerry(models.length, rest.flat());
    const loss = shareLogLoss(shareByStrength(beta), models.length, test);
    const own = shareLogLoss(shareByStrength(fitBradleyTerry(models.length, test).beta), models.length, test);
    expect(loss).toBeLessThan(Math.LN2 - 0.02);
    expect(loss - own).toBeGreaterThan(0);
    expect(loss - own).toBeLessThan(0.001);
  });
});

describe("majorityCycles", () => {
  it("finds rock, paper, scissors, in either direction, and says how sure it is", () => {
    const game = pairsOf([
      [0, 1, 90, 10, 5],
      [1, 2, 80, 20],
      [0, 2, 30, 70],
      [2, 3, 90, 10],
    ]);
    expect(majorityCycles(4, game)).toEqual([{ models: [0, 1, 2], z: expect.closeTo(4, 12) }]);
    const turned = game.map((pair) => ({ ...pair, winI: pair.winJ, winJ: pair.winI }));
    expect(majorityCycles(4, turned)).toEqual([{ models: [0, 2, 1], z: expect.closeTo(4, 12) }]);
    expect(majorityCycles(4, game, 4.1)).toEqual([]);
    expect(codeOf(() => majorityCycles(4, game, 0))).toBe("bad_argument");
  });
});
