import { describe, expect, it } from "vitest";
import { differenceError } from "./covariance";
import { type Covariate, styleCovariate } from "./covariates";
import { seededRandom } from "./random";
import { fitStyleControl } from "./style-control";
import { styleCovariance } from "./style-covariance";
import { drawVotes, errorOf, FEATURES, simulateFeatures } from "./style-test-support";
import "./test-support";
import { Z_95 } from "./types";

describe("styleCovariance", () => {
  it("shrinks its variance tenfold for ten copies of the votes, unless they are one voter's", () => {
    const random = seededRandom(8);
    const size = 600;
    const { a, b } = simulateFeatures(size, random);
    const tokens = styleCovariate("tokens", a[0] ?? [], b[0] ?? []);
    const votes = drawVotes([0.3, 0, -0.3], [tokens], [0.3], size, random);
    const copy = <T extends Int32Array | Uint8Array | Float64Array>(column: T): T => {
      const result = new (column.constructor as { new (length: number): T })(size * 10);
      for (let at = 0; at < size * 10; at++) result[at] = column[at % size] as number;
      return result;
    };
    const tenfold = {
      ...{ modelCount: 3, size: size * 10 },
      ...{ a: copy(votes.a), b: copy(votes.b), outcome: copy(votes.outcome) },
    };
    const one = fitStyleControl(votes, [tokens]);
    const ten = fitStyleControl(tenfold, [{ name: "tokens", values: copy(tokens.values) }]);
    expect(ten.gamma[0]).toBeCloseTo(one.gamma[0] as number, 10);
    const plain = styleCovariance(one).all.values;
    const voters = Int32Array.from({ length: size * 10 }, (_, at) => at % size);
    styleCovariance(ten).all.values.forEach((value, at) => {
      expect(value * 10).toBeCloseTo(plain[at] as number, 10);
    });
    styleCovariance(ten, { voters }).all.values.forEach((value, at) => {
      expect(value).toBeCloseTo(((plain[at] as number) * size) / (size - 1), 10);
    });
  });

  it("covers the true effects at its nominal rate, by voter too where voters differ", () => {
    const random = seededRandom(1902);
    const beta = [0.5, 0.1, -0.2, -0.4];
    const boards = 300;
    const inside = { gamma: 0, beta: 0, clustered: 0, ignorant: 0 };
    for (let board = 0; board < boards; board++) {
      const size = 600;
      const { a, b } = simulateFeatures(size, random);
      const covariates = [0, 3].map((k) =>
        styleCovariate(FEATURES[k] ?? "", a[k] ?? [], b[k] ?? [], { centre: false }),
      );
      const votes = drawVotes(beta, covariates, [0.249, 0.031], size, random);
      const fit = fitStyleControl(votes, covariates);
      const { gamma, beta: ofBeta } = styleCovariance(fit);
      [0.249, 0.031].forEach((truth, k) => {
        const miss = Math.abs((fit.gamma[k] as number) - truth);
        inside.gamma += Number(miss <= Z_95 * errorOf(gamma.values, 2, k));
      });
      const gap = (fit.beta[0] as number) - (fit.beta[3] as number);
      inside.beta += Number(Math.abs(gap - 0.9) <= Z_95 * differenceError(ofBeta, 0, 3));

      // 60 voters of ten votes who like length to different degrees: the average taste is what γ estimates.
      const tokens = covariates[0] as Covariate;
      const voters = Int32Array.from({ length: size }, (_, row) => row % 60);
      const taste = Float64Array.from({ length: 60 }, () => (random() < 0.5 ? 1 : -1));
      const extra = (row: number): number => (taste[row % 60] as number) * (tokens.values[row] as number);
      const divided = drawVotes([0, 0, 0, 0], [], [], size, random);
      const outcome = divided.outcome.map((_, row) => (random() < 1 / (1 + Math.exp(-extra(row))) ? 0 : 1));
      const own = fitStyleControl({ ...divided, outcome }, [tokens]);
      const miss = Math.abs(own.gamma[0] as number);
      const byVoter = styleCovariance(own, { voters }).gamma.values;
      inside.clustered += Number(miss <= Z_95 * errorOf(byVoter, 1, 0));
      inside.ignorant += Number(miss <= Z_95 * errorOf(styleCovariance(own).gamma.values, 1, 0));
    }
    expect(inside.gamma / (2 * boards)).toBeGreaterThan(0.925);
    expect(inside.gamma / (2 * boards)).toBeLessThan(0.975);
    expect(inside.beta / boards).toBeGreaterThan(0.92);
    expect(inside.clustered / boards).toBeGreaterThan(0.91);
    expect(inside.ignorant / boards).toBeLessThan(0.85);
  });
});
