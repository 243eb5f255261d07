import { centre, fitPairTable, reducedPositions, requireFiniteMaximum } from "./bradley-terry";
import { maximise, type NewtonOptions } from "./newton";
import { type PairTable, toPairTable } from "./pair-table";
import { requireSeparateTies } from "./tie-existence";
import type { PairCounts } from "./types";

export type RaoKupperFit = {
  kind: "rao_kupper";
  /** Strengths, Σ π = 1. */
  pi: Float64Array;
  /** ln π shifted to mean zero. */
  beta: Float64Array;
  /** Threshold θ ≥ 1; two equal models tie with probability (θ − 1) / (θ + 1). */
  theta: number;
  converged: boolean;
  iterations: number;
  gradientNorm: number;
  logLikelihood: number;
  /** The counts that were fitted: canonical and merged. */
  table: PairTable;
};

/**
 * Rao and Kupper's model with ties: p_i = π_i / (π_i + θ·π_j), p_j = π_j / (θ·π_i + π_j), p_tie = the rest; both
 * kinds of tie are ties. A voter calls a tie when the perceived difference, a logistic number around β_i − β_j, stays
 * within ±ln θ. Newton's method in (ln π, ln θ), in which the log-likelihood is concave. Without any tie θ = 1 and
 * the fit is Bradley–Terry.
 *
 * @throws RatingError as `fitDavidson`
 * Source: Rao and Kupper, J. Amer. Statist. Assoc. 62 (1967) 194–204.
 */
export function fitRaoKupper(
  modelCount: number,
  pairs: readonly PairCounts[],
  options: NewtonOptions = {},
): RaoKupperFit {
  const table = toPairTable(modelCount, pairs);
  requireFiniteMaximum(table);
  const hasTie = table.tie.some((count) => count > 0) || table.bothBad.some((count) => count > 0);
  if (!hasTie) return toRaoKupper(fitPairTable(table, options), 1);
  requireSeparateTies(table);

  const d = modelCount - 1;
  const position = reducedPositions(table);
  const start = new Float64Array(modelCount);
  start[d] = Math.LN2;
  const result = maximise(
    { dimension: modelCount, evaluate: raoKupperObjective(table, position) },
    start,
    options,
  );
  const beta = Float64Array.from(position, (at) => (at < d ? (result.theta[at] as number) : 0));
  centre(beta);
  const theta = Math.exp(result.theta[d] as number);
  return toRaoKupper({ ...result, beta, logLikelihood: result.value, table }, theta);
}

/**
 * With η = ln θ, δ = β_i − β_j and σ the logistic function: ln p_i = ln σ(δ − η), ln p_j = ln σ(−δ − η), and ln p_tie
 * = ln σ(η − δ) + ln σ(η + δ) + ln(1 − e^(−2η)). So each vote is a sum of ln σ(x), x = ±δ ± η, whose derivative is
 * σ(−x) and second derivative −σ(x)·σ(−x), and of one term in η alone.
 */
function raoKupperObjective(table: PairTable, position: Int32Array) {
  const d = table.modelCount - 1;
  const size = table.modelCount;
  return (theta: Float64Array, gradient: Float64Array, information: Float64Array): number => {
    gradient.fill(0);
    information.fill(0);
    const eta = theta[d] as number;
    if (!(eta > 0)) return Number.NEGATIVE_INFINITY;
    let value = 0;
    let tieSum = 0;
    const add = (row: number, column: number, amount: number): void => {
      const at = row > column ? row * size + column : column * size + row;
      information[at] = (information[at] as number) + amount;
    };
    for (let k = 0; k < table.size; k++) {
      const i = position[table.i[k] as number] as number;
      const j = position[table.j[k] as number] as number;
      const ties = (table.tie[k] as number) + (table.bothBad[k] as number);
      const winI = table.winI[k] as number;
      const winJ = table.winJ[k] as number;
      const delta = (i < d ? (theta[i] as number) : 0) - (j < d ? (theta[j] as number) : 0);
      tieSum += ties;
      // δ − η: i wins where it succeeds, and the others (j wins or tie) pass or fail at the two thresholds.
      const below = logistic(delta - eta);
      const above = logistic(-delta - eta);
      value += winI * Math.log(below) + winJ * Math.log(above);
      value += ties * (Math.log1p(-below) + Math.log1p(-above));
      const pullI = winI * (1 - below) - ties * below;
      const pullJ = winJ * (1 - above) - ties * above;
      const curveI = (winI + ties) * below * (1 - below);
      const curveJ = (winJ + ties) * above * (1 - above);
      gradient[d] = (gradient[d] as number) - pullI - pullJ;
      add(d, d, curveI + curveJ);
      const cross = curveJ - curveI;
      if (i < d) {
        gradient[i] = (gradient[i] as number) + pullI - pullJ;
        add(i, i, curveI + curveJ);
        add(i, d, cross);
      }
      if (j < d) {
        gradient[j] = (gradient[j] as number) - pullI + pullJ;
        add(j, j, curveI + curveJ);
        add(j, d, -cross);
      }
      if (i < d && j < d) add(i, j, -curveI - curveJ);
    }
    // ln(1 − e^(−2η)): derivative 2 / (e^(2η) − 1), second derivative −4·e^(2η) / (e^(2η) − 1)².
    const grown = Math.expm1(2 * eta);
    value += tieSum * Math.log(-Math.expm1(-2 * eta));
    gradient[d] = (gradient[d] as number) + (2 * tieSum) / grown;
    add(d, d, (4 * tieSum * (grown + 1)) / (grown * grown));
    return value;
  };
}

function logistic(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function toRaoKupper(fit: Omit<RaoKupperFit, "kind" | "pi" | "theta">, theta: number): RaoKupperFit {
  const pi = fit.beta.map(Math.exp);
  const sum = pi.reduce((total, value) => total + value, 0);
  return {
    kind: "rao_kupper",
    pi: pi.map((value) => value / sum),
    beta: fit.beta,
    theta,
    converged: fit.converged,
    iterations: fit.iterations,
    gradientNorm: fit.gradientNorm,
    logLikelihood: fit.logLikelihood,
    table: fit.table,
  };
}
