import { factorCholesky, solveCholesky } from "./cholesky";

/** A function to be maximised by Newton's method (or Fisher scoring, when `information` is the expected one). */
export type Objective = {
  dimension: number;
  /**
   * Value at `theta`. Overwrites `gradient` (length d) and the lower triangle of `information` (d × d row-major,
   * minus the second derivatives). Returns −Infinity outside of the domain.
   */
  evaluate(theta: Float64Array, gradient: Float64Array, information: Float64Array): number;
};

export type NewtonOptions = {
  /**
   * Converged when the last full step moved no parameter by more than this, or when it was shorter than 1e-8 standard
   * errors (∇ᵀI⁻¹∇ ≤ 1e-16): where votes say next to nothing of a parameter, rounding alone moves it further. Default
   * 1e-8.
   */
  tolerance?: number;
  /** Default 100. */
  maxIterations?: number;
};

export type NewtonResult = {
  theta: Float64Array;
  value: number;
  /** Largest absolute entry of the gradient at `theta`. */
  gradientNorm: number;
  iterations: number;
  converged: boolean;
};

/**
 * Newton's method with step-halving: θ ← θ + t·I(θ)⁻¹·∇(θ), t = 1, ½, ¼ … until the value does not fall. Near the
 * maximum the error is squared at every step, so a last step below the tolerance leaves an error far smaller.
 * Source: Boyd and Vandenberghe, Convex Optimization (2004), 9.5.
 */
export function maximise(
  objective: Objective,
  start: Float64Array,
  options: NewtonOptions = {},
): NewtonResult {
  const { tolerance = 1e-8, maxIterations = 100 } = options;
  const d = objective.dimension;
  const gradient = new Float64Array(d);
  const information = new Float64Array(d * d);
  const factor = new Float64Array(d * d);
  const step = new Float64Array(d);
  let theta: Float64Array = Float64Array.from(start);
  let trial: Float64Array = new Float64Array(d);
  let value = objective.evaluate(theta, gradient, information);
  let converged = d === 0;
  let iterations = 0;

  while (!converged && iterations < maxIterations) {
    if (!factorCholesky(information, d, factor)) break;
    iterations++;
    solveCholesky(factor, d, gradient, step);
    let size = 0;
    let decrement = 0;
    for (let k = 0; k < d; k++) {
      size = Math.max(size, Math.abs(step[k] as number));
      decrement += (gradient[k] as number) * (step[k] as number);
    }
    // Rounding of a sum over millions of votes may show as a fall of this size at the maximum itself.
    const floor = value - 1e-12 * (1 + Math.abs(value));
    let scale = 1;
    let next = Number.NEGATIVE_INFINITY;
    for (let halving = 0; halving < 50; halving++) {
      for (let k = 0; k < d; k++) trial[k] = (theta[k] as number) + scale * (step[k] as number);
      next = objective.evaluate(trial, gradient, information);
      if (next >= floor) break;
      scale /= 2;
    }
    if (!(next >= floor)) {
      value = objective.evaluate(theta, gradient, information);
      break;
    }
    [theta, trial] = [trial, theta];
    value = next;
    converged = scale === 1 && (size <= tolerance || decrement <= 1e-16);
  }

  let gradientNorm = 0;
  for (let k = 0; k < d; k++) gradientNorm = Math.max(gradientNorm, Math.abs(gradient[k] as number));
  return { theta, value, gradientNorm, iterations, converged };
}
