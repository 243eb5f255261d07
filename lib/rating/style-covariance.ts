import { factorCholesky, invertCholesky, sandwichProduct } from "./cholesky";
import type { SandwichOptions } from "./covariance";
import { RatingError } from "./errors";
import { addDifference, centreBoth } from "./matrix";
import { logits, type StyleFit } from "./style-control";
import { gram, parameterCount } from "./style-design";
import type { Covariance } from "./types";
import { POINTS_OF_A } from "./vote-table";

export type StyleCovarianceOptions = SandwichOptions & {
  /**
   * Voter of each vote, any number that tells voters apart; −1 where unknown, which counts as a voter of its own.
   * Votes of one voter are then taken as dependent. Default: all votes independent.
   */
  voters?: Int32Array;
};

export type StyleCovariance = {
  /** m × m, mean-zero gauge (rows sum to zero): for scores, ranks, P(i > j). */
  beta: Covariance;
  /** covariates × covariates. */
  gamma: Covariance;
  /** All of it: β in its gauge, then γ; (m + covariates)². */
  all: Covariance;
};

/**
 * Sandwich covariance of β and γ together: V = H⁻¹ G H⁻¹ with H = Σ w·p(1 − p)·x·xᵀ and G = Σ w²·(s − p)²·x·xᵀ, x =
 * (e_a − e_b, z); by voter G = Σ_voters u·uᵀ · C / (C − 1), u = Σ of the voter's votes w·(s − p)·x, C voters. A fixed
 * gauge, no ridge; shifted to mean zero afterwards. In squared units of β and γ. The spread of z itself is taken as
 * given (z is standardised over the votes at hand). `cautionVotes` as for `sandwichCovariance`.
 *
 * @throws RatingError `bad_argument` when there is not one voter a vote, or fewer than two voters;
 * `no_finite_maximum` when H is singular
 * Source: White, Econometrica 50 (1982); Liang and Zeger, Biometrika 73 (1986).
 */
export function styleCovariance(fit: StyleFit, options: StyleCovarianceOptions = {}): StyleCovariance {
  const { design } = fit;
  const { votes, weight } = design;
  const n = parameterCount(design);
  const { cautionVotes = 0 } = options;
  if (!(cautionVotes >= 0)) throw new RatingError("bad_argument", "cautionVotes must not be negative");
  const curvature = logits(design, fit.beta, fit.gamma, new Float64Array(votes.size));
  const shortfall = new Float64Array(fit.beta.length ** 2);
  const residual = new Float64Array(votes.size);
  for (let row = 0; row < votes.size; row++) {
    const w = weight === undefined ? 1 : (weight[row] as number);
    const p = 1 / (1 + Math.exp(-(curvature[row] as number)));
    const surprise = w * ((POINTS_OF_A[votes.outcome[row] as number] as number) - p);
    const pair = (votes.a[row] as number) * fit.beta.length + (votes.b[row] as number);
    shortfall[pair] = (shortfall[pair] as number) + w * w * p * (1 - p) - surprise * surprise;
    residual[row] = surprise;
    curvature[row] = w * p * (1 - p);
  }
  const information = new Float64Array(n * n);
  gram(design, curvature, information);
  if (!factorCholesky(information, n, information)) {
    throw new RatingError("no_finite_maximum", "the information matrix is singular at this fit");
  }
  const meat = new Float64Array(n * n);
  if (options.voters === undefined)
    gram(
      design,
      residual.map((value) => value * value),
      meat,
    );
  else clusteredMeat(fit, residual, options.voters, meat);
  if (cautionVotes > 0) addCaution(fit, shortfall, cautionVotes, meat);
  return inMeanGauge(fit, sandwichProduct(invertCholesky(information, n), meat, n));
}

/** Adds to the spread of each pair what `cautionVotes` asks for, in β alone. `shortfall` is by ordered pair, m × m. */
function addCaution(
  { design }: StyleFit,
  shortfall: Float64Array,
  cautionVotes: number,
  meat: Float64Array,
): void {
  const { votes, position } = design;
  const m = votes.modelCount;
  const n = parameterCount(design);
  const count = new Float64Array(m);
  for (const side of [votes.a, votes.b]) {
    for (const model of side) count[model] = (count[model] as number) + 1;
  }
  const ofBeta = new Float64Array((m - 1) ** 2);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < i; j++) {
      const lacking = Math.max((shortfall[i * m + j] as number) + (shortfall[j * m + i] as number), 0);
      const fewer = Math.min(count[i] as number, count[j] as number);
      const value = (lacking * cautionVotes) / (cautionVotes + fewer);
      addDifference(ofBeta, m - 1, position[i] as number, position[j] as number, value);
    }
  }
  for (let row = 0; row < m - 1; row++) {
    for (let column = 0; column < m - 1; column++) {
      const at = row * n + column;
      meat[at] = (meat[at] as number) + (ofBeta[row * (m - 1) + column] as number);
    }
  }
}

function clusteredMeat(
  { design }: StyleFit,
  residual: Float64Array,
  voters: Int32Array,
  meat: Float64Array,
): void {
  const { votes, z, position } = design;
  const d = votes.modelCount - 1;
  const width = design.names.length;
  const n = d + width;
  if (voters.length !== votes.size) {
    throw new RatingError("bad_argument", "one voter a vote is needed", { size: votes.size });
  }
  // Numbers sort many times faster than rows by a comparison: voter and row in one, exact below 2⁵³.
  const order = Float64Array.from(voters, (voter, row) => voter * votes.size + row).sort();
  // Place d of the models belongs to the one held fixed: its score is dropped.
  const score = new Float64Array(d + 1);
  const ofGamma = new Float64Array(width);
  const isTouched = new Uint8Array(d + 1);
  const touched: number[] = [];
  let clusters = 0;
  const close = (): void => {
    clusters++;
    for (const row of touched) {
      if (row === d) continue;
      const left = score[row] as number;
      for (const column of touched) {
        if (column === d) continue;
        meat[row * n + column] = (meat[row * n + column] as number) + left * (score[column] as number);
      }
      for (let k = 0; k < width; k++) {
        const value = left * (ofGamma[k] as number);
        meat[row * n + d + k] = (meat[row * n + d + k] as number) + value;
        meat[(d + k) * n + row] = (meat[(d + k) * n + row] as number) + value;
      }
    }
    for (let k = 0; k < width; k++) {
      for (let l = 0; l < width; l++) {
        const at = (d + k) * n + d + l;
        meat[at] = (meat[at] as number) + (ofGamma[k] as number) * (ofGamma[l] as number);
      }
    }
    for (const row of touched) {
      score[row] = 0;
      isTouched[row] = 0;
    }
    touched.length = 0;
    ofGamma.fill(0);
  };
  const add = (at: number, value: number): void => {
    if (isTouched[at] === 0) {
      isTouched[at] = 1;
      touched.push(at);
    }
    score[at] = (score[at] as number) + value;
  };
  const voterAt = (at: number): number => Math.floor((order[at] as number) / votes.size);
  order.forEach((key, at) => {
    const voter = voterAt(at);
    const row = key - voter * votes.size;
    const value = residual[row] as number;
    add(position[votes.a[row] as number] as number, value);
    add(position[votes.b[row] as number] as number, -value);
    for (let k = 0; k < width; k++) {
      ofGamma[k] = (ofGamma[k] as number) + value * ((z[k] as Float64Array)[row] as number);
    }
    if (voter === -1 || at + 1 === order.length || voterAt(at + 1) !== voter) close();
  });
  if (clusters < 2) {
    throw new RatingError("bad_argument", "two voters are needed at least", { voters: clusters });
  }
  const correction = clusters / (clusters - 1);
  for (let at = 0; at < meat.length; at++) meat[at] = (meat[at] as number) * correction;
}

/** From the parameters, with one model fixed, to all models in the mean-zero gauge, and γ. */
function inMeanGauge({ design, beta, gamma }: StyleFit, reduced: Float64Array): StyleCovariance {
  const m = beta.length;
  const width = gamma.length;
  const d = m - 1;
  const n = d + width;
  const size = m + width;
  const place = (row: number): number => (row < m ? (design.position[row] as number) : row - 1);
  const isFixed = (row: number): boolean => row < m && place(row) === d;
  const ofBeta = new Float64Array(m * m);
  const ofGamma = new Float64Array(width * width);
  const values = new Float64Array(size * size);
  const get = (row: number, column: number): number =>
    isFixed(row) || isFixed(column) ? 0 : (reduced[place(row) * n + place(column)] as number);
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) ofBeta[i * m + j] = get(i, j);
  centreBoth(ofBeta, m);
  for (let i = 0; i < m; i++) values.set(ofBeta.subarray(i * m, (i + 1) * m), i * size);
  for (let k = 0; k < width; k++) {
    let mean = 0;
    for (let i = 0; i < m; i++) mean += get(i, m + k) / m;
    for (let i = 0; i < m; i++) {
      values[i * size + m + k] = get(i, m + k) - mean;
      values[(m + k) * size + i] = get(i, m + k) - mean;
    }
    for (let l = 0; l < width; l++) {
      ofGamma[k * width + l] = get(m + k, m + l);
      values[(m + k) * size + m + l] = get(m + k, m + l);
    }
  }
  return {
    beta: { size: m, values: ofBeta },
    gamma: { size: width, values: ofGamma },
    all: { size, values },
  };
}
