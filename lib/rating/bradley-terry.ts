import { RatingError } from "./errors";
import { strongComponents, weakComponents } from "./graph";
import { maximise, type NewtonOptions } from "./newton";
import { modelVotes, type PairTable, pairVotes, toPairTable } from "./pair-table";
import type { PairCounts } from "./types";

/**
 * How much a vote counts. `votes`: each vote 1. `pairs`: each vote 1 / max(n_pair, 50), so that every pair with 50
 * votes or more counts the same, however often the sampling policy drew it.
 */
export type Weighting = "votes" | "pairs";

export type BradleyTerryOptions = NewtonOptions & {
  /** Default `votes`. */
  weighting?: Weighting;
};

export type BradleyTerryFit = {
  kind: "half";
  /** Strengths, one a model, natural-logarithm units, mean zero. */
  beta: Float64Array;
  converged: boolean;
  iterations: number;
  /** Largest absolute entry of the gradient of the log-likelihood, in (weighted) votes. */
  gradientNorm: number;
  /** Σ w·[s·ln p + (n − s)·ln(1 − p)], natural logarithm, with the ½ rule in s. */
  logLikelihood: number;
  /** The counts that were fitted: canonical and merged. */
  table: PairTable;
  /** Weight of a vote of each pair of `table`. */
  weight: Float64Array;
};

const PAIR_WEIGHT_FLOOR = 50;

/**
 * Bradley–Terry strengths by maximum likelihood: logit P(i beats j) = β_i − β_j; a tie of either kind counts ½ a win
 * for each side. Newton's method on pair counts: O(pairs) + modelCount³/3 a step. The model with most votes is held
 * fixed, so the reduced Hessian is positive definite without a ridge; the result is then shifted to mean zero.
 *
 * @param modelCount m; models are 0 … m − 1
 * @param pairs counts by pair, any order, duplicates added up
 * @returns β (length m, mean zero) and how the fit went; look at `converged`
 * @throws RatingError `bad_argument`, `bad_counts`; `disconnected_comparison_graph` (details.components) when some
 * models were never compared, directly or through others; `no_finite_maximum` (details.components) when a model or a
 * group only won or only lost. `fitBoard` rates what can be rated instead.
 *
 * Source: Bradley and Terry, Biometrika 39 (1952); existence: Ford, Amer. Math. Monthly 64 (1957).
 */
export function fitBradleyTerry(
  modelCount: number,
  pairs: readonly PairCounts[],
  options: BradleyTerryOptions = {},
): BradleyTerryFit {
  const table = toPairTable(modelCount, pairs);
  requireFiniteMaximum(table);
  return fitPairTable(table, options);
}

/** Throws unless the Bradley–Terry maximum exists: see {@link fitBradleyTerry}. */
export function requireFiniteMaximum(table: PairTable): void {
  const weak = weakComponents(table).count;
  if (weak > 1) {
    throw new RatingError(
      "disconnected_comparison_graph",
      `the models fall into ${weak} groups without any votes between them`,
      { components: weak },
    );
  }
  const strong = strongComponents(table).count;
  if (strong > 1) {
    throw new RatingError("no_finite_maximum", "some model or group has only won, or only lost", {
      components: strong,
    });
  }
}

/** The fit itself, for a table whose maximum is known to exist. */
export function fitPairTable(table: PairTable, options: BradleyTerryOptions = {}): BradleyTerryFit {
  return fitWeighted(table, voteWeights(pairVotes(table), options.weighting ?? "votes"), options);
}

/**
 * The same with a given weight of a vote of each pair. `start` (β, any gauge) saves steps where it is near. Pairs
 * without votes are allowed.
 */
export function fitWeighted(
  table: PairTable,
  weight: Float64Array,
  options: NewtonOptions,
  start?: Float64Array,
): BradleyTerryFit {
  const d = table.modelCount - 1;
  const position = reducedPositions(table);
  const { total, share } = weightedShares(table, weight);
  const left = table.i.map((model) => position[model] as number);
  const right = table.j.map((model) => position[model] as number);

  const evaluate = (theta: Float64Array, gradient: Float64Array, information: Float64Array): number => {
    gradient.fill(0);
    information.fill(0);
    let value = 0;
    for (let k = 0; k < total.length; k++) {
      const i = left[k] as number;
      const j = right[k] as number;
      const n = total[k] as number;
      const difference = (i < d ? (theta[i] as number) : 0) - (j < d ? (theta[j] as number) : 0);
      const decay = Math.exp(-Math.abs(difference));
      const likelier = 1 / (1 + decay);
      const curvature = n * decay * likelier * likelier;
      // Expected and actual points of the weaker side: both may be tiny, so neither is taken from a difference with n.
      const upsets = difference >= 0 ? n - (share[k] as number) : (share[k] as number);
      const surprise = upsets - n * decay * likelier;
      const residual = difference >= 0 ? -surprise : surprise;
      value -= n * Math.log1p(decay) + upsets * Math.abs(difference);
      if (i < d) {
        gradient[i] = (gradient[i] as number) + residual;
        information[i * d + i] = (information[i * d + i] as number) + curvature;
      }
      if (j < d) {
        gradient[j] = (gradient[j] as number) - residual;
        information[j * d + j] = (information[j * d + j] as number) + curvature;
      }
      if (i < d && j < d) {
        const cell = i > j ? i * d + j : j * d + i;
        information[cell] = (information[cell] as number) - curvature;
      }
    }
    return value;
  };

  const theta0 = new Float64Array(d);
  if (start !== undefined) {
    const pinned = position.indexOf(d);
    position.forEach((at, model) => {
      if (at < d) theta0[at] = (start[model] as number) - (start[pinned] as number);
    });
  }
  const result = maximise({ dimension: d, evaluate }, theta0, options);
  const beta = Float64Array.from(position, (at) => (at < d ? (result.theta[at] as number) : 0));
  centre(beta);
  return {
    kind: "half",
    beta,
    converged: result.converged,
    iterations: result.iterations,
    gradientNorm: result.gradientNorm,
    logLikelihood: result.value,
    table,
    weight,
  };
}

/** Of each pair: weighted votes, and weighted wins of i plus half the ties. */
export function weightedShares(
  table: PairTable,
  weight: Float64Array,
): { total: Float64Array; share: Float64Array } {
  const total = new Float64Array(table.size);
  const share = new Float64Array(table.size);
  for (let k = 0; k < table.size; k++) {
    const ties = (table.tie[k] as number) + (table.bothBad[k] as number);
    const winI = table.winI[k] as number;
    total[k] = (weight[k] as number) * (winI + (table.winJ[k] as number) + ties);
    share[k] = (weight[k] as number) * (winI + 0.5 * ties);
  }
  return { total, share };
}

/**
 * Place of each model in the reduced system. The model with most votes is last, that is: held fixed. It is the best
 * known one, which keeps the reduced Hessian well conditioned when some other model has a single vote.
 */
export function reducedPositions(table: PairTable): Int32Array {
  const votes = modelVotes(table);
  const last = table.modelCount - 1;
  let pinned = last;
  for (let k = 0; k < last; k++) if ((votes[k] as number) > (votes[pinned] as number)) pinned = k;
  const position = Int32Array.from({ length: table.modelCount }, (_, k) => k);
  position[pinned] = last;
  if (pinned !== last) position[last] = pinned;
  return position;
}

/** Shifts values to mean zero, in place. */
export function centre(values: Float64Array): void {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  for (let k = 0; k < values.length; k++) values[k] = (values[k] as number) - mean;
}

function voteWeights(votes: Float64Array, weighting: Weighting): Float64Array {
  return votes.map((count) => (weighting === "pairs" ? 1 / Math.max(count, PAIR_WEIGHT_FLOOR) : 1));
}
