import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitBoard } from "./board";
import { fitBradleyTerry } from "./bradley-terry";
import { differenceError, sandwichCovariance } from "./covariance";
import { fitDavidson } from "./davidson";
import { fitGroundedRaoKupper } from "./grounded-rao-kupper";
import { seededRandom } from "./random";
import { fitRaoKupper } from "./rao-kupper";
import { codeOf, fullBoards, pairsOf, puddingPairs, wikipediaPairs } from "./test-support";
import { tieModelCovariance } from "./tie-covariance";
import { groundedProbabilities, outcomeSlopes, raoKupperProbabilities } from "./tie-probabilities";
import { type PairCounts, Z_95 } from "./types";

const fits = [fitDavidson, fitRaoKupper, fitGroundedRaoKupper] as const;

describe("outcomeSlopes", () => {
  const value = fc.double({ min: -3, max: 3, noNaN: true });
  it.each(["davidson", "rao_kupper", "grounded_rao_kupper"] as const)(
    "of %s are derivatives of ln p",
    (model) => {
      const shapes = model === "rao_kupper" ? fc.double({ min: 0.05, max: 3, noNaN: true }) : value;
      fc.assert(
        fc.property(value, value, shapes, (betaI, betaJ, shape) => {
          const { chances, slopes } = outcomeSlopes(model, betaI, betaJ, shape);
          expect(chances.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
          const h = 1e-6;
          const logs = (at: number[]) =>
            outcomeSlopes(model, at[0] as number, at[1] as number, at[2] as number).chances.map(Math.log);
          [0, 1, 2].forEach((x) => {
            const point = [betaI, betaJ, shape];
            const after = logs(point.with(x, (point[x] as number) + h));
            const before = logs(point.with(x, (point[x] as number) - h));
            chances.forEach((chance, outcome) => {
              if (chance === 0) return;
              const slope = ((after[outcome] as number) - (before[outcome] as number)) / (2 * h);
              expect(slopes[outcome]?.[x]).toBeCloseTo(slope, 5);
            });
          });
        }),
      );
    },
  );
});

describe("tieModelCovariance", () => {
  it("has the closed forms of two models", () => {
    const counts = pairsOf([[0, 1, 60, 25, 15]]);
    const davidson = tieModelCovariance(fitDavidson(2, counts));
    expect(differenceError(davidson, 0, 1) ** 2).toBeCloseTo(1 / 60 + 1 / 25, 8);
    // Delta method on (logit p_i − logit p_j) / 2 with multinomial p.
    const [p, q] = [0.6, 0.25];
    const [u, v] = [1 / (2 * p * (1 - p)), -1 / (2 * q * (1 - q))];
    const variance = (u * u * p + v * v * q - (u * p + v * q) ** 2) / 100;
    const raoKupper = tieModelCovariance(fitRaoKupper(2, counts));
    expect(differenceError(raoKupper, 0, 1) ** 2).toBeCloseTo(variance, 8);
  });

  it("is the sandwich of Bradley–Terry where nobody ties", () => {
    const expected = sandwichCovariance(fitBradleyTerry(4, wikipediaPairs)).values;
    for (const fit of [fitDavidson(4, wikipediaPairs), fitRaoKupper(4, wikipediaPairs)]) {
      expect(tieModelCovariance(fit).values).toEqual(expected);
    }
  });

  it("is the same with every vote by a voter of its own, but for C / (C − 1)", () => {
    let voter = 0;
    const pairs = puddingPairs.map((pair) => ({ ...pair, bothBad: 4 }));
    const cells = ["winI", "winJ", "tie", "bothBad"] as const;
    const voters = pairs.flatMap((pair) =>
      cells.flatMap((cell) =>
        Array.from({ length: pair[cell] }, () => {
          const none = { winI: 0, winJ: 0, tie: 0, bothBad: 0 };
          return { i: pair.i, j: pair.j, ...none, [cell]: 1, voter: voter++ };
        }),
      ),
    );
    for (const fitTies of fits) {
      const fit = fitTies(6, pairs);
      const plain = tieModelCovariance(fit).values;
      tieModelCovariance(fit, { voters }).values.forEach((value, at) => {
        expect(value).toBeCloseTo(((plain[at] as number) * voter) / (voter - 1), 10);
      });
    }
  });

  it("follows the models when they are renamed, and falls as 1 / votes", () => {
    fc.assert(
      fc.property(fullBoards, fc.constantFrom(...fits), ({ modelCount, pairs }, fitTies) => {
        const { values } = tieModelCovariance(fitTies(modelCount, pairs));
        const last = modelCount - 1;
        const renamed = pairs.map((pair) => ({ ...pair, i: last - pair.i, j: last - pair.j }));
        const moved = tieModelCovariance(fitTies(modelCount, [...renamed, ...renamed])).values;
        values.forEach((value, at) => {
          expect((moved[values.length - 1 - at] as number) * 2).toBeCloseTo(value, 6);
        });
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    ["Rao and Kupper", fitRaoKupper, (a: number, b: number) => raoKupperProbabilities(a, b, 1.7)],
    ["grounded", fitGroundedRaoKupper, (a: number, b: number) => groundedProbabilities(a, b, 1.7)],
  ] as const)("covers the truth at its nominal rate: %s", (_name, fitTies, chances) => {
    const random = seededRandom(77);
    const beta = [0.7, 0.1, -0.2, -0.6];
    let inside = 0;
    let total = 0;
    for (let board = 0; board < 200; board++) {
      const pairs = beta.flatMap((a, i) =>
        beta.slice(i + 1).map((b, offset): PairCounts => {
          const p = chances(Math.exp(a), Math.exp(b));
          const pair = { i, j: i + 1 + offset, winI: 0, winJ: 0, tie: 0, bothBad: 0 };
          for (let vote = 0; vote < 80; vote++) {
            const u = random();
            if (u < p.winI) pair.winI++;
            else if (u < p.winI + p.winJ) pair.winJ++;
            else if (u < p.winI + p.winJ + p.tie) pair.tie++;
            else pair.bothBad++;
          }
          return pair;
        }),
      );
      const fit = fitTies(4, pairs);
      const covariance = tieModelCovariance(fit);
      for (let k = 1; k < 4; k++) {
        const miss =
          (fit.beta[0] as number) - (fit.beta[k] as number) - ((beta[0] as number) - (beta[k] as number));
        if (Math.abs(miss) <= Z_95 * differenceError(covariance, 0, k)) inside++;
        total++;
      }
    }
    expect(inside / total).toBeGreaterThan(0.92);
    expect(inside / total).toBeLessThan(0.98);
  });
});

describe("fitBoard with a model of ties", () => {
  const pairs = puddingPairs.map((pair) => ({ ...pair, bothBad: 4 }));

  it.each(["davidson", "rao_kupper", "grounded_rao_kupper"] as const)("rates by %s", (tieModel) => {
    const board = fitBoard(6, pairs, { tieModel });
    expect(board).toMatchObject({ tieModel, converged: true });
    const mean = board.rows.reduce((sum, row) => sum + (row.rating?.score ?? 0), 0) / 6;
    expect(mean).toBeCloseTo(1000, 9);
    expect(board.rows.every((row) => (row.rating?.standardError ?? 0) > 0)).toBe(true);
  });

  it("falls back to half ties, and says so, where the votes do not determine the model asked for", () => {
    const board = fitBoard(2, pairsOf([[0, 1, 0, 0, 3]]), { tieModel: "davidson" });
    expect(board.tieModel).toBe("half");
    expect(board.rows[0]?.rating?.score).toBe(1000);
  });

  it("widens intervals by voter, leaving out votes with models that are not rated", () => {
    const withUnrated = [...pairs, { i: 0, j: 6, winI: 3, winJ: 0, tie: 0, bothBad: 0 }];
    const voters = withUnrated.map((pair, k) => ({ ...pair, voter: k % 5 }));
    for (const tieModel of ["half", "grounded_rao_kupper"] as const) {
      const board = fitBoard(7, withUnrated, { tieModel, voters });
      expect(board.rows[6]?.unratedReason).toBe("only_losses");
      expect(board.rated?.models).toHaveLength(6);
    }
    expect(codeOf(() => fitBoard(6, pairs, { tieModel: "davidson", weighting: "pairs" }))).toBe(
      "bad_argument",
    );
    expect(codeOf(() => fitBoard(6, pairs, { covariance: "model", voters: [] }))).toBe("bad_argument");
  });
});
