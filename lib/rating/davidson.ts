import { centre, fitPairTable, reducedPositions, requireFiniteMaximum } from "./bradley-terry";
import { maximise, type NewtonOptions } from "./newton";
import { type PairTable, toPairTable } from "./pair-table";
import { requireSeparateTies } from "./tie-existence";
import type { PairCounts } from "./types";

export type DavidsonFit = {
  kind: "davidson";
  /** Strengths, Σ π = 1. */
  pi: Float64Array;
  /** ln π shifted to mean zero: comparable with the β of a Bradley–Terry fit. */
  beta: Float64Array;
  /** Tie parameter ≥ 0; two equal models tie with probability ν / (2 + ν). */
  nu: number;
  converged: boolean;
  iterations: number;
  gradientNorm: number;
  logLikelihood: number;
  /** The counts that were fitted: canonical and merged. */
  table: PairTable;
};

/**
 * Davidson's model with ties: p_i : p_j : p_tie = π_i : π_j : ν·√(π_i·π_j); both kinds of tie are ties. Newton's
 * method in (ln π, ln ν), in which the log-likelihood is concave. Without any tie ν = 0 and the fit is Bradley–Terry.
 *
 * @throws RatingError as `fitBradleyTerry`; also `no_finite_maximum` when the ties are so many, and so placed, that
 * the likelihood grows without end in ν (for example: only ties)
 * Source: Davidson, J. Amer. Statist. Assoc. 65 (1970) 317–328.
 */
export function fitDavidson(
  modelCount: number,
  pairs: readonly PairCounts[],
  options: NewtonOptions = {},
): DavidsonFit {
  const table = toPairTable(modelCount, pairs);
  requireFiniteMaximum(table);
  const hasTie = table.tie.some((count) => count > 0) || table.bothBad.some((count) => count > 0);
  if (!hasTie) return toDavidson(fitPairTable(table, options), 0);
  requireSeparateTies(table);

  const d = modelCount - 1;
  const position = reducedPositions(table);
  const theta0 = new Float64Array(modelCount);
  const result = maximise(
    { dimension: modelCount, evaluate: davidsonObjective(table, position) },
    theta0,
    options,
  );
  const beta = Float64Array.from(position, (at) => (at < d ? (result.theta[at] as number) : 0));
  centre(beta);
  return toDavidson(
    { ...result, beta, logLikelihood: result.value, table },
    Math.exp(result.theta[d] as number),
  );
}

/**
 * With utilities u = (β_i, β_j, ln ν + (β_i + β_j)/2) a vote is a multinomial logit; with a_i = p_i + p_tie/2 the
 * gradient is observed minus expected of (a_i, a_j, tie), and the information their covariance.
 */
function davidsonObjective(table: PairTable, position: Int32Array) {
  const d = table.modelCount - 1;
  const size = table.modelCount;
  return (theta: Float64Array, gradient: Float64Array, information: Float64Array): number => {
    gradient.fill(0);
    information.fill(0);
    const logNu = theta[d] as number;
    let value = 0;
    const add = (row: number, column: number, amount: number): void => {
      const at = row > column ? row * size + column : column * size + row;
      information[at] = (information[at] as number) + amount;
    };
    for (let k = 0; k < table.size; k++) {
      const i = position[table.i[k] as number] as number;
      const j = position[table.j[k] as number] as number;
      const winI = table.winI[k] as number;
      const winJ = table.winJ[k] as number;
      const ties = (table.tie[k] as number) + (table.bothBad[k] as number);
      const n = winI + winJ + ties;
      // Half of β_i − β_j; utilities relative to the mean of the two.
      const half = ((i < d ? (theta[i] as number) : 0) - (j < d ? (theta[j] as number) : 0)) / 2;
      const top = Math.max(Math.abs(half), logNu);
      const eI = Math.exp(half - top);
      const eJ = Math.exp(-half - top);
      const eTie = Math.exp(logNu - top);
      const sum = eI + eJ + eTie;
      const pTie = eTie / sum;
      const shareI = (eI + eTie / 2) / sum;
      value += winI * (half - top) - winJ * (half + top) + ties * (logNu - top) - n * Math.log(sum);

      const residual = winI + ties / 2 - n * shareI;
      gradient[d] = (gradient[d] as number) + ties - n * pTie;
      add(d, d, n * pTie * (1 - pTie));
      // Share of i is (1 + x)/2 with x = +1, −1, 0 for i, j, tie, so its variance is (1 − p_tie − (p_i − p_j)²)/4.
      const lead = (eI - eJ) / sum;
      const variance = (n * (1 - pTie - lead * lead)) / 4;
      const withTie = n * pTie * (0.5 - shareI);
      if (i < d) {
        gradient[i] = (gradient[i] as number) + residual;
        add(i, i, variance);
        add(i, d, withTie);
      }
      if (j < d) {
        gradient[j] = (gradient[j] as number) - residual;
        add(j, j, variance);
        add(j, d, -withTie);
      }
      if (i < d && j < d) add(i, j, -variance);
    }
    return value;
  };
}

function toDavidson(fit: Omit<DavidsonFit, "kind" | "pi" | "nu">, nu: number): DavidsonFit {
  const pi = fit.beta.map(Math.exp);
  const sum = pi.reduce((total, value) => total + value, 0);
  return {
    kind: "davidson",
    pi: pi.map((value) => value / sum),
    beta: fit.beta,
    nu,
    converged: fit.converged,
    iterations: fit.iterations,
    gradientNorm: fit.gradientNorm,
    logLikelihood: fit.logLikelihood,
    table: fit.table,
  };
}
