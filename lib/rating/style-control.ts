import {
  type BradleyTerryOptions,
  centre,
  fitPairTable,
  reducedPositions,
  requireFiniteMaximum,
} from "./bradley-terry";
import { factorCholesky, invertCholesky } from "./cholesky";
import type { Covariate } from "./covariates";
import { RatingError } from "./errors";
import { maximise } from "./newton";
import { type PairTable, toPairTable } from "./pair-table";
import { covariateColumns, type Design, gram, parameterCount, requireIndependent } from "./style-design";
import { checkVoteTable, countVotes, POINTS_OF_A, type VoteTable } from "./vote-table";

export type StyleFit = {
  kind: "style";
  /** Strengths with the covariates held at zero, one a model, natural-logarithm units, mean zero. */
  beta: Float64Array;
  /** Effect of each covariate, natural-logarithm units for one unit of the covariate. */
  gamma: Float64Array;
  /** Names of the covariates, in the order of `gamma`. */
  names: readonly string[];
  converged: boolean;
  iterations: number;
  /** Largest absolute entry of the gradient of the log-likelihood, in (weighted) votes. */
  gradientNorm: number;
  /** Σ w·[s·ln p + (1 − s)·ln(1 − p)], natural logarithm, s by the ½ rule. */
  logLikelihood: number;
  /** The votes that were fitted, for the covariance. */
  design: Design;
};

/** A standard error of γ·z at the root mean square of z that no bounded fit has: 1/√n votes of p = ½ give 2/√n. */
const ENDLESS = 1e3;

/**
 * Bradley–Terry strengths with covariates: logit P(A wins) = β_a − β_b + γ·z, maximum likelihood, a tie of either
 * kind ½ a win for each side. γ is not penalised: a penalty on it, or one beside a *mean* loss, pulls it towards zero
 * and gives style back to the models. Newton's method on single votes, started at the fit without covariates; about
 * six passes of O(votes·(1 + covariates²)) and as many factorisations of size m − 1 + covariates. Memory: 16 bytes
 * a vote beside what is passed in.
 *
 * @param votes one row a vote
 * @param covariates each with one value a vote, seen from side A; none gives the Bradley–Terry fit itself
 * @returns β (length m, mean zero), γ, and how the fit went; look at `converged`
 * @throws RatingError `bad_argument`, `bad_counts`; `bad_covariates` that names a covariate which is zero in all votes,
 * not finite, or explained by the models and the covariates before it; `disconnected_comparison_graph` and
 * `no_finite_maximum` as `fitBradleyTerry`, the latter also where covariates decide every vote
 *
 * Source: Li, Angelopoulos and Chiang, Does style matter?, LMSYS blog (2024); covariates in paired comparisons:
 * Springall, Applied Statistics 22 (1973).
 */
export function fitStyleControl(
  votes: VoteTable,
  covariates: readonly Covariate[],
  options: BradleyTerryOptions = {},
): StyleFit {
  checkVoteTable(votes);
  const table = toPairTable(votes.modelCount, countVotes(votes));
  // A group that only won stays ahead without end whatever the covariates are, so both conditions are necessary.
  requireFiniteMaximum(table);
  const start = fitPairTable(table, options);
  const position = reducedPositions(table);
  const design: Design = {
    votes,
    names: covariates.map(({ name }) => name),
    z: covariateColumns(votes.size, covariates),
    weight: options.weighting === "pairs" ? rowWeights(votes, table, start.weight) : undefined,
    position,
  };
  const d = votes.modelCount - 1;
  const n = parameterCount(design);
  const evaluate = likelihood(design);
  const theta0 = new Float64Array(n);
  const fixed = start.beta[position.indexOf(d)] as number;
  position.forEach((at, model) => {
    if (at < d) theta0[at] = (start.beta[model] as number) - fixed;
  });
  // What the search evaluated first and last are the start and the end: both are looked at without another pass.
  let information: Float64Array = new Float64Array(n * n);
  let isFirst = true;
  const result = maximise(
    {
      dimension: n,
      evaluate: (theta, gradient, ofSearch) => {
        const value = evaluate(theta, gradient, ofSearch);
        if (isFirst) requireIndependent(design, ofSearch);
        isFirst = false;
        information = ofSearch;
        return value;
      },
    },
    theta0,
    options,
  );
  requireBounded(design, information);
  const beta = Float64Array.from(position, (at) => (at < d ? (result.theta[at] as number) : 0));
  centre(beta);
  return {
    kind: "style",
    beta,
    gamma: result.theta.slice(d),
    names: design.names,
    converged: result.converged,
    iterations: result.iterations,
    gradientNorm: result.gradientNorm,
    logLikelihood: result.value,
    design,
  };
}

/** β_a − β_b + γ·z of each vote, into `eta`. */
export function logits(
  { votes, z }: Design,
  beta: Float64Array,
  gamma: Float64Array,
  eta: Float64Array,
): Float64Array {
  const { a, b } = votes;
  for (let row = 0; row < votes.size; row++) {
    eta[row] = (beta[a[row] as number] as number) - (beta[b[row] as number] as number);
  }
  z.forEach((column, k) => {
    const effect = gamma[k] as number;
    for (let row = 0; row < votes.size; row++) {
      eta[row] = (eta[row] as number) + effect * (column[row] as number);
    }
  });
  return eta;
}

function likelihood(design: Design) {
  const { votes, z, weight, position } = design;
  const { a, b, outcome } = votes;
  const d = votes.modelCount - 1;
  const residuals = new Float64Array(votes.size);
  const curvature = new Float64Array(votes.size);
  return (theta: Float64Array, gradient: Float64Array, information: Float64Array): number => {
    const strength = Float64Array.from(position, (at) => (at < d ? (theta[at] as number) : 0));
    const slope = new Float64Array(votes.modelCount);
    // The curvature of a vote takes the place of its logit, which is not needed again.
    logits(design, strength, theta.subarray(d), curvature);
    let value = 0;
    for (let row = 0; row < votes.size; row++) {
      const logit = curvature[row] as number;
      const w = weight === undefined ? 1 : (weight[row] as number);
      const decay = Math.exp(-Math.abs(logit));
      const likelier = 1 / (1 + decay);
      const p = logit >= 0 ? likelier : decay * likelier;
      const points = POINTS_OF_A[outcome[row] as number] as number;
      value += w * (points * logit - Math.max(logit, 0) - Math.log1p(decay));
      curvature[row] = w * decay * likelier * likelier;
      const residual = w * (points - p);
      residuals[row] = residual;
      const left = a[row] as number;
      const right = b[row] as number;
      slope[left] = (slope[left] as number) + residual;
      slope[right] = (slope[right] as number) - residual;
    }
    position.forEach((at, model) => {
      if (at < d) gradient[at] = slope[model] as number;
    });
    z.forEach((column, k) => {
      let sum = 0;
      for (let row = 0; row < votes.size; row++) {
        sum += (residuals[row] as number) * (column[row] as number);
      }
      gradient[d + k] = sum;
    });
    gram(design, curvature, information);
    return value;
  };
}

/** Where covariates decide every vote the likelihood rises without end, and its curvature in γ dies away. */
function requireBounded(design: Design, information: Float64Array): void {
  const d = design.votes.modelCount - 1;
  const n = parameterCount(design);
  const factor = new Float64Array(n * n);
  const inverse = factorCholesky(information, n, factor) ? invertCholesky(factor, n) : undefined;
  design.names.forEach((name, k) => {
    const at = (d + k) * (n + 1);
    const variance = inverse === undefined ? Number.POSITIVE_INFINITY : (inverse[at] as number);
    const meanSquare =
      (design.z[k] as Float64Array).reduce((sum, value) => sum + value * value, 0) / design.votes.size;
    if (!(variance * meanSquare < ENDLESS ** 2)) {
      throw new RatingError("no_finite_maximum", `covariate ${name} decides the votes: no finite effect`, {
        covariate: k,
      });
    }
  });
}

function rowWeights(votes: VoteTable, table: PairTable, pairWeight: Float64Array): Float64Array {
  const m = votes.modelCount;
  const weightOf = new Float64Array(m * m);
  for (let k = 0; k < table.size; k++) {
    const i = table.i[k] as number;
    const j = table.j[k] as number;
    weightOf[i * m + j] = pairWeight[k] as number;
    weightOf[j * m + i] = pairWeight[k] as number;
  }
  return Float64Array.from(votes.a, (left, row) => weightOf[left * m + (votes.b[row] as number)] as number);
}
