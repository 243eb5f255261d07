import { RatingError } from "./errors";
import { strongComponents } from "./graph";
import { maximise, type NewtonOptions } from "./newton";
import { type PairTable, pairAt, toPairTable } from "./pair-table";
import { requireSeparateTies } from "./tie-existence";
import { observedInformation, outcomeSlopes, type Slope } from "./tie-probabilities";
import type { PairCounts } from "./types";

export type GroundedFit = {
  kind: "grounded_rao_kupper";
  /** Strengths on an absolute scale: 1 is the strength of having nothing. No gauge is free. */
  pi: Float64Array;
  /** ln π; 0 is the ground. */
  beta: Float64Array;
  /** Threshold θ ≥ 1 between winning and a tie. */
  theta: number;
  converged: boolean;
  iterations: number;
  gradientNorm: number;
  logLikelihood: number;
  /** The counts that were fitted: canonical and merged. */
  table: PairTable;
};

/**
 * Fits the grounded model: "both bad" votes say how good models are, not only which is better, so strengths get an
 * absolute zero and groups of models that never met share one scale. Fisher scoring in (ln π, ln(θ − 1)) from π = 1,
 * θ = 2. The log-likelihood is not concave everywhere: what is found is a stationary point reached from a neutral
 * start, in practice the maximum.
 *
 * @throws RatingError `no_finite_maximum` when there are no ties or no both-bad votes at all; when some model or
 * group only won against the rest and never shared in a both-bad vote, or the reverse; when ties are not bounded by
 * wins (see `fitDavidson`). `bad_counts`, `bad_argument` as `fitBradleyTerry`
 */
export function fitGroundedRaoKupper(
  modelCount: number,
  pairs: readonly PairCounts[],
  options: NewtonOptions = {},
): GroundedFit {
  const table = toPairTable(modelCount, pairs);
  requireGroundedMaximum(table);
  const dimension = modelCount + 1;
  const start = new Float64Array(dimension);
  const scoring = maximise({ dimension, evaluate: groundedObjective(table, "expected") }, start, {
    ...options,
    // Scoring converges geometrically: a smaller last step leaves the same error as Newton's method.
    tolerance: (options.tolerance ?? 1e-8) / 1000,
    maxIterations: Math.min(options.maxIterations ?? 100, 40),
  });
  const result = scoring.converged
    ? scoring
    : maximise({ dimension, evaluate: groundedObjective(table, "observed") }, scoring.theta, options);
  const beta = result.theta.slice(0, modelCount);
  return {
    kind: "grounded_rao_kupper",
    pi: beta.map(Math.exp),
    beta,
    theta: 1 + Math.exp(result.theta[modelCount] as number),
    converged: result.converged,
    iterations: scoring.converged ? scoring.iterations : scoring.iterations + result.iterations,
    gradientNorm: result.gradientNorm,
    logLikelihood: result.value,
    table,
  };
}

/**
 * Gradient Σ count·∂ ln p, with the expected information n·Σ p·∂ ln p·(∂ ln p)ᵀ, which is always positive definite,
 * or the observed one, which near a maximum converges faster where votes and model disagree.
 */
function groundedObjective(table: PairTable, curvature: "expected" | "observed") {
  const m = table.modelCount;
  const size = m + 1;
  return (parameters: Float64Array, gradient: Float64Array, information: Float64Array): number => {
    gradient.fill(0);
    information.fill(0);
    const shape = parameters[m] as number;
    let value = 0;
    for (let k = 0; k < table.size; k++) {
      const { i, j, winI, winJ, tie, bothBad } = pairAt(table, k);
      const betaI = parameters[i] as number;
      const betaJ = parameters[j] as number;
      const { slopes, chances } = outcomeSlopes("grounded_rao_kupper", betaI, betaJ, shape);
      const counts = [winI, winJ, tie, bothBad];
      const n = winI + winJ + tie + bothBad;
      const block = [0, 0, 0, 0, 0, 0, 0, 0, 0];
      for (let outcome = 0; outcome < 4; outcome++) {
        const count = counts[outcome] as number;
        const chance = chances[outcome] as number;
        const slope = slopes[outcome] as Slope;
        if (count > 0) value += count * Math.log(chance);
        for (let x = 0; x < 3; x++) {
          const row = x === 0 ? i : x === 1 ? j : m;
          gradient[row] = (gradient[row] as number) + count * (slope[x] as number);
          for (let y = 0; y <= x; y++) {
            const part = n * chance * (slope[x] as number) * (slope[y] as number);
            block[x * 3 + y] = (block[x * 3 + y] as number) + part;
          }
        }
      }
      const second =
        curvature === "expected"
          ? block
          : observedInformation("grounded_rao_kupper", betaI, betaJ, shape, counts);
      for (let x = 0; x < 3; x++) {
        const row = x === 0 ? i : x === 1 ? j : m;
        // i < j < m in a table, so entry (x, y ≤ x) is in the lower triangle.
        for (let y = 0; y <= x; y++) {
          const cell = row * size + (y === 0 ? i : y === 1 ? j : m);
          information[cell] = (information[cell] as number) + (second[x * 3 + y] as number);
        }
      }
    }
    return Number.isFinite(value) ? value : Number.NEGATIVE_INFINITY;
  };
}

/**
 * The ground takes part as one more model: a win of i is one over j and over the ground, a tie shows both as good as
 * each other and not below the ground, a both-bad vote is a win of the ground over both. The maximum is finite when
 * that graph is strongly connected.
 */
function requireGroundedMaximum(table: PairTable): void {
  const ground = table.modelCount;
  const arrows: PairCounts[] = [];
  const arrow = (from: number, to: number): void => {
    arrows.push({ i: from, j: to, winI: 1, winJ: 0, tie: 0, bothBad: 0 });
  };
  let ties = 0;
  for (let k = 0; k < table.size; k++) {
    const { i, j, winI, winJ, tie, bothBad } = pairAt(table, k);
    ties += tie;
    for (const [from, to, hasWon] of [
      [i, j, winI],
      [j, i, winJ],
    ] as const) {
      if (hasWon + tie > 0) {
        arrow(from, to);
        arrow(from, ground);
      }
      if (bothBad > 0) arrow(ground, from);
    }
  }
  if (ties === 0) throw new RatingError("no_finite_maximum", "the grounded model needs ties");
  if (strongComponents(toPairTable(ground + 1, arrows)).count > 1) {
    throw new RatingError("no_finite_maximum", "some model or group is not bounded from above or from below");
  }
  requireSeparateTies({ ...table, bothBad: new Float64Array(table.size) });
}
