import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitBradleyTerry } from "./bradley-terry";
import { clusteredCovariance } from "./clustered";
import { sandwichCovariance } from "./covariance";
import {
  ownOrganizationCovariate,
  positionCovariate,
  sameOrganizationCovariate,
  styleCovariate,
} from "./covariates";
import { seededRandom } from "./random";
import { fitStyleControl } from "./style-control";
import { styleCovariance } from "./style-covariance";
import { drawVotes, errorOf, FEATURES, PUBLISHED, simulateFeatures } from "./style-test-support";
import { codeOf, fullBoards, needsData, readData } from "./test-support";
import { Z_95 } from "./types";
import { countVotes, OUTCOMES, toVoteTable, type VoteTable } from "./vote-table";

describe("styleCovariate", () => {
  it("is the relative difference, standardised, with 0 / 0 = 0", () => {
    const { values, mean, scale } = styleCovariate("tokens", [30, 0, 10, 0], [10, 0, 30, 5]);
    // Relative differences 0.5, 0, −0.5, −1.
    expect(mean).toBeCloseTo(-0.25, 12);
    expect(scale).toBeCloseTo(Math.sqrt((0.75 ** 2 + 0.25 ** 2) * 2) / 2, 12);
    [0.5, 0, -0.5, -1].forEach((raw, row) => {
      expect(values[row]).toBeCloseTo((raw + 0.25) / scale, 12);
    });
    const about0 = styleCovariate("tokens", [30, 0, 10, 0], [10, 0, 30, 5], { centre: false });
    expect([about0.mean, about0.values[1]]).toEqual([0, 0]);
  });

  it("refuses what says nothing and what is no count, by name", () => {
    expect(() => styleCovariate("headers", [1, 2], [1, 2])).toThrow(/headers is the same in all votes/);
    expect(codeOf(() => styleCovariate("bold", [1, -2], [1, 2]))).toBe("bad_covariates");
    expect(codeOf(() => styleCovariate("bold", [1, Number.NaN], [1, 2]))).toBe("bad_covariates");
    expect(codeOf(() => styleCovariate("bold", [1], [1, 2]))).toBe("bad_argument");
  });
});

describe("fitStyleControl", () => {
  it("is the fit by counts, and its covariances, when there are no covariates", () => {
    fc.assert(
      fc.property(fullBoards, fc.constantFrom("votes" as const, "pairs" as const), (board, weighting) => {
        const { modelCount } = board;
        const rows = board.pairs.flatMap(({ i, j, winI, winJ, tie, bothBad }) =>
          [winI, winJ, tie, bothBad].flatMap((count, code) =>
            Array.from({ length: count }, (_, vote) => {
              const isTurned = vote % 2 === 1;
              const outcome = OUTCOMES[isTurned && code < 2 ? 1 - code : code] ?? "tie";
              return { a: isTurned ? j : i, b: isTurned ? i : j, outcome };
            }),
          ),
        );
        const fit = fitStyleControl(toVoteTable(modelCount, rows), [], { weighting });
        const byCounts = fitBradleyTerry(modelCount, board.pairs, { weighting });
        fit.beta.forEach((value, k) => {
          expect(value).toBeCloseTo(byCounts.beta[k] as number, 12);
        });
        expect(fit.logLikelihood / byCounts.logLikelihood).toBeCloseTo(1, 12);
        const expected = sandwichCovariance(byCounts).values;
        styleCovariance(fit).beta.values.forEach((value, at) => {
          expect(value).toBeCloseTo(expected[at] as number, 12);
        });
        const voters = Int32Array.from(rows.keys(), (row) => ((row * 7) % 11) - 1);
        const known = rows.flatMap(({ a, b, outcome }, row) => {
          const empty = { i: a, j: b, winI: 0, winJ: 0, tie: 0, bothBad: 0 };
          const cell = ({ a: "winI", b: "winJ", tie: "tie", both_bad: "bothBad" } as const)[outcome];
          const voter = voters[row] as number;
          return voter === -1 ? [] : [{ ...empty, [cell]: 1, voter }];
        });
        const clustered = clusteredCovariance(byCounts, known, { cautionVotes: 10 }).values;
        styleCovariance(fit, { voters, cautionVotes: 10 }).beta.values.forEach((value, at) => {
          expect(value).toBeCloseTo(clustered[at] as number, 11);
        });
      }),
      { numRuns: 30 },
    );
  });

  it("has the closed form of two equal models and one constant: the logit of side A's share", () => {
    const votes = toVoteTable(2, [
      ...Array.from({ length: 30 }, () => ({ a: 0, b: 1, outcome: "a" as const })),
      ...Array.from({ length: 10 }, () => ({ a: 0, b: 1, outcome: "b" as const })),
      ...Array.from({ length: 30 }, () => ({ a: 1, b: 0, outcome: "a" as const })),
      ...Array.from({ length: 10 }, () => ({ a: 1, b: 0, outcome: "b" as const })),
    ]);
    const fit = fitStyleControl(votes, [positionCovariate(80)]);
    expect(fit.gamma[0]).toBeCloseTo(Math.log(3), 10);
    expect(fit.beta[0]).toBeCloseTo(0, 10);
    // Scores are balanced over the two orders, so γ alone has 80 votes of p = ¾.
    expect(errorOf(styleCovariance(fit).gamma.values, 1, 0)).toBeCloseTo(1 / Math.sqrt(80 * 0.75 * 0.25), 10);
  });

  it("recovers the published effects from simulated votes, and the strengths without style", () => {
    const random = seededRandom(249);
    const size = 120_000;
    const beta = Array.from({ length: 20 }, (_, k) => (k - 9.5) / 8);
    const { a, b } = simulateFeatures(size, random);
    const covariates = FEATURES.map((name, k) => styleCovariate(name, a[k] ?? [], b[k] ?? []));
    const fit = fitStyleControl(drawVotes(beta, covariates, PUBLISHED, size, random), covariates);
    expect(fit.converged).toBe(true);
    expect(fit.names).toEqual(FEATURES);
    const { gamma, beta: ofBeta } = styleCovariance(fit);
    PUBLISHED.forEach((truth, k) => {
      const error = errorOf(gamma.values, 4, k);
      expect(Math.abs((fit.gamma[k] as number) - truth)).toBeLessThan(Z_95 * error);
      expect(error).toBeLessThan(0.008);
    });
    const misses = beta.map(
      (truth, k) => Math.abs((fit.beta[k] as number) - truth) / errorOf(ofBeta.values, 20, k),
    );
    expect(Math.max(...misses)).toBeLessThan(3.3);
  });

  it("takes style away from the model that shows it", () => {
    const random = seededRandom(5);
    const size = 20_000;
    // Equal models, but the answers of model 0 are long and long answers win.
    const pairs = Array.from({ length: size }, () => {
      const a = Math.floor(random() * 4);
      return { a, b: (a + 1 + Math.floor(random() * 3)) % 4 };
    });
    const length = (model: number) => (model === 0 ? 400 : 200) * (0.5 + random());
    const tokens = pairs.map(({ a, b }) => [length(a), length(b)] as const);
    const covariate = styleCovariate(
      "tokens",
      tokens.map(([x]) => x),
      tokens.map(([, x]) => x),
    );
    const votes = toVoteTable(
      4,
      pairs.map(({ a, b }, row) => {
        const p = 1 / (1 + Math.exp(-0.6 * (covariate.values[row] as number)));
        return { a, b, outcome: random() < p ? ("a" as const) : ("b" as const) };
      }),
    );
    const plain = fitStyleControl(votes, []);
    const fit = fitStyleControl(votes, [covariate]);
    expect((plain.beta[0] as number) - (plain.beta[1] as number)).toBeGreaterThan(0.5);
    expect(Math.abs((fit.beta[0] as number) - (fit.beta[1] as number))).toBeLessThan(0.12);
  });

  it("recovers a position bias, siblings' bias and a judge's love of its own", () => {
    const random = seededRandom(77);
    const size = 60_000;
    const beta = [0.5, 0.2, 0, -0.2, -0.5, 0];
    const organization = [0, 0, 1, 1, -1, -1];
    // The pairs must be known before the covariates can be made: draw them with equal chances first.
    const raw = drawVotes(beta, [], [], size, random);
    const judges = Int32Array.from({ length: size }, () => Math.floor(random() * 3) - 1);
    const covariates = [
      positionCovariate(size),
      sameOrganizationCovariate(raw, organization),
      ownOrganizationCovariate(raw, organization, judges),
    ];
    const truth = [0.15, 0.3, 0.4];
    const votes = {
      ...raw,
      outcome: raw.outcome.map((_, row) => {
        let logit = (beta[raw.a[row] ?? 0] ?? 0) - (beta[raw.b[row] ?? 0] ?? 0);
        covariates.forEach(({ values }, k) => {
          logit += (truth[k] ?? 0) * (values[row] ?? 0);
        });
        return random() < 1 / (1 + Math.exp(-logit)) ? 0 : 1;
      }),
    };
    // An unknown organization is nobody's sibling.
    expect(covariates[1]?.values.some((value, row) => value === 1 && (raw.a[row] ?? 0) > 3)).toBe(false);
    const fit = fitStyleControl(votes, covariates);
    const { gamma } = styleCovariance(fit);
    truth.forEach((value, k) => {
      expect(Math.abs((fit.gamma[k] as number) - value)).toBeLessThan(Z_95 * errorOf(gamma.values, 3, k));
    });
  });

  it("does not change when all sides are swapped, or models are renamed, and keeps γ's sign by meaning", () => {
    const random = seededRandom(31);
    const size = 2000;
    const { a, b } = simulateFeatures(size, random);
    const styles = (x: Float64Array[], y: Float64Array[]) =>
      FEATURES.map((name, k) => styleCovariate(name, x[k] ?? [], y[k] ?? []));
    const votes = drawVotes([0.4, 0, -0.1, -0.3], styles(a, b), PUBLISHED, size, random);
    const fit = fitStyleControl(votes, [...styles(a, b), positionCovariate(size)]);
    const swapped: VoteTable = {
      ...votes,
      a: votes.b,
      b: votes.a,
      outcome: votes.outcome.map((code) => (code < 2 ? 1 - code : code)),
    };
    const turned = fitStyleControl(swapped, [...styles(b, a), positionCovariate(size)]);
    fit.beta.forEach((value, k) => {
      expect(turned.beta[k]).toBeCloseTo(value, 10);
    });
    fit.gamma.forEach((value, k) => {
      expect(turned.gamma[k]).toBeCloseTo(k === 4 ? -value : value, 10);
    });
    const renamed = fitStyleControl(
      { ...votes, a: votes.a.map((model) => 3 - model), b: votes.b.map((model) => 3 - model) },
      styles(a, b),
    );
    const named = fitStyleControl(votes, styles(a, b));
    const moved = styleCovariance(renamed).all.values;
    const { all } = styleCovariance(named);
    const place = (row: number) => (row < 4 ? 3 - row : row);
    for (let row = 0; row < 8; row++) {
      for (let column = 0; column < 8; column++) {
        const other = moved[place(row) * 8 + place(column)] as number;
        expect(other).toBeCloseTo(all.values[row * 8 + column] as number, 10);
      }
    }
    named.beta.forEach((value, k) => {
      expect(renamed.beta[3 - k]).toBeCloseTo(value, 10);
    });
  });

  it("names the covariate that is constant, collinear, not finite, or decides every vote", () => {
    const random = seededRandom(3);
    const size = 400;
    const { a, b } = simulateFeatures(size, random);
    const votes = drawVotes([0.3, 0, -0.3], [], [], size, random);
    const tokens = styleCovariate("tokens", a[0] ?? [], b[0] ?? []);
    const position = positionCovariate(size);
    const sum = { name: "sum", values: tokens.values.map((value) => 2 * value + 1) };
    expect(() => fitStyleControl(votes, [tokens, position, sum])).toThrow(
      /sum is collinear: explained by tokens, position/,
    );
    expect(() => fitStyleControl(votes, [position, { ...position, name: "side" }])).toThrow(
      /side is collinear: explained by position/,
    );
    expect(() => fitStyleControl(votes, [{ name: "none", values: new Float64Array(size) }])).toThrow(
      /none is zero in all votes/,
    );
    const known = { name: "price", values: Float64Array.from(votes.a, (x, row) => x - (votes.b[row] ?? 0)) };
    expect(() => fitStyleControl(votes, [known])).toThrow(
      /price is collinear: explained by which models met/,
    );
    const broken = {
      name: "bold",
      values: tokens.values.map((value, row) => (row === 7 ? Number.NaN : value)),
    };
    expect(() => fitStyleControl(votes, [broken])).toThrow(/bold, row 7/);
    const oracle = { name: "oracle", values: Float64Array.from(votes.outcome, (code) => 1 - 2 * code) };
    expect(codeOf(() => fitStyleControl(votes, [oracle]))).toBe("no_finite_maximum");
    expect(codeOf(() => fitStyleControl(votes, [{ name: "short", values: new Float64Array(3) }]))).toBe(
      "bad_argument",
    );
  });

  it("refuses rows that are no votes, and boards without a finite maximum", () => {
    expect(codeOf(() => toVoteTable(2, [{ a: 0, b: 2, outcome: "a" }]))).toBe("bad_counts");
    expect(codeOf(() => toVoteTable(2, [{ a: 0, b: 0, outcome: "a" }]))).toBe("bad_counts");
    expect(codeOf(() => toVoteTable(2, [{ a: 0.5, b: 1, outcome: "a" }]))).toBe("bad_counts");
    expect(codeOf(() => toVoteTable(2, [{ a: 0, b: 1, outcome: "left" as "a" }]))).toBe("bad_counts");
    expect(codeOf(() => toVoteTable(0, []))).toBe("bad_argument");
    expect(codeOf(() => fitStyleControl(toVoteTable(2, [{ a: 0, b: 1, outcome: "a" }]), []))).toBe(
      "no_finite_maximum",
    );
    expect(codeOf(() => fitStyleControl(toVoteTable(3, [{ a: 0, b: 1, outcome: "tie" }]), []))).toBe(
      "disconnected_comparison_graph",
    );
    const two = fitStyleControl(
      toVoteTable(2, [
        { a: 0, b: 1, outcome: "a" },
        { a: 1, b: 0, outcome: "a" },
      ]),
      [],
    );
    expect(codeOf(() => styleCovariance(two, { voters: Int32Array.of(4, 4) }))).toBe("bad_argument");
    expect(codeOf(() => styleCovariance(two, { voters: Int32Array.of(4) }))).toBe("bad_argument");
  });
});

const crowd = needsData("8,931 votes by 124 known voters, by row", "llmfao_crowd_comparisons.csv");
describe.skipIf(crowd.isAbsent)(crowd.title, () => {
  it("show that voters differ in their love of the left side, and agree with the fit by counts", () => {
    const [, ...lines] = readData("llmfao_crowd_comparisons.csv").trim().split(/\r?\n/);
    const cells = lines.map((line) => line.split(","));
    const ids = [...new Set(cells.flatMap((cell) => [Number(cell[2]), Number(cell[3])]))];
    const votes = toVoteTable(
      ids.length,
      cells.map((cell) => ({
        a: ids.indexOf(Number(cell[2])),
        b: ids.indexOf(Number(cell[3])),
        outcome: cell[5] === "left" ? "a" : cell[5] === "right" ? "b" : "tie",
      })),
    );
    const fit = fitStyleControl(votes, [positionCovariate(votes.size)]);
    const { gamma } = styleCovariance(fit, { voters: Int32Array.from(cells, (cell) => Number(cell[4])) });
    expect(fit.converged).toBe(true);
    // Left was named better in 2,911 votes and right in 2,549: five standard errors if votes were independent, but
    // two and a half when a voter who prefers a side counts as one voter.
    expect(fit.gamma[0]).toBeCloseTo(0.091, 3);
    const plainError = errorOf(styleCovariance(fit).gamma.values, 1, 0);
    expect((fit.gamma[0] as number) / plainError).toBeGreaterThan(5);
    expect((fit.gamma[0] as number) / errorOf(gamma.values, 1, 0)).toBeLessThan(2.7);
    const plain = fitStyleControl(votes, []);
    const byCounts = fitBradleyTerry(ids.length, countVotes(votes));
    plain.beta.forEach((value, k) => {
      expect(value).toBeCloseTo(byCounts.beta[k] as number, 10);
    });
  });
});
