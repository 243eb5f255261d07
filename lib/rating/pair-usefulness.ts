import { byStrength } from "./rank";
import type { Covariance } from "./types";

/** Models of each unordered pair that can be drawn, i < j. */
export type CandidatePairs = { i: Int32Array; j: Int32Array };

/**
 * What one more vote on a pair (i, j) is expected to take off the variances of score differences near rank
 * boundaries:
 *
 *   U_ij = Σ_(k,l) w_kl · h·c² / (1 + h·v_ij),  c = Cov(β_k − β_l, β_i − β_j),  v_ij = Var(β_i − β_j),
 *
 * with h = p(1 − p) the information of a vote, p = 1/(1 + e^(β_j − β_i)); the fall of Var(β_k − β_l) is exact for the
 * Gaussian that the fit stands for (Sherman and Morrison). A boundary is two models at most `window` places apart,
 * with the weight w_kl = exp(−z²/2), z = (β_k − β_l)/se_kl: one whose order is settled asks for nothing more. From the
 * full covariance, a vote on one pair counts for all that it teaches of others.
 *
 * @param rated strengths and covariance, natural-logarithm units; null gives zero everywhere
 * @param modelCount m, the number of all models; pairs with a model that is not rated have zero
 * @returns one value a pair
 * Source: expected variance reduction (A-optimality for the differences that decide ranks), Chaloner and Verdinelli,
 * Statist. Sci. 10 (1995); for arenas: Chiang et al., Chatbot Arena, arXiv:2403.04132 (2024), section 4.
 */
export function pairUsefulness(
  rated: { models: ArrayLike<number>; beta: Float64Array; covariance: Covariance } | null,
  modelCount: number,
  pairs: CandidatePairs,
  window: number,
): Float64Array {
  const useful = new Float64Array(pairs.i.length);
  if (rated === null || rated.beta.length < 2) return useful;
  const { beta, covariance } = rated;
  const { size, values } = covariance;
  const place = new Int32Array(modelCount).fill(-1);
  for (let at = 0; at < size; at++) place[rated.models[at] as number] = at;
  const left = pairs.i.map((model) => place[model] as number);
  const right = pairs.j.map((model) => place[model] as number);
  const varianceOf = (i: number, j: number): number =>
    (values[i * size + i] as number) +
    (values[j * size + j] as number) -
    2 * (values[i * size + j] as number);

  const order = byStrength(beta);
  const row = new Float64Array(size);
  for (let from = 0; from < size; from++) {
    for (let to = from + 1; to <= Math.min(from + window, size - 1); to++) {
      const k = order[from] as number;
      const l = order[to] as number;
      const gap = (beta[k] as number) - (beta[l] as number);
      const variance = varianceOf(k, l);
      if (!(variance > 0)) continue;
      const weight = Math.exp((-gap * gap) / (2 * variance));
      for (let x = 0; x < size; x++) {
        row[x] = (values[k * size + x] as number) - (values[l * size + x] as number);
      }
      for (let at = 0; at < useful.length; at++) {
        const i = left[at] as number;
        const j = right[at] as number;
        if (i < 0 || j < 0) continue;
        const c = (row[i] as number) - (row[j] as number);
        useful[at] = (useful[at] as number) + weight * c * c;
      }
    }
  }
  for (let at = 0; at < useful.length; at++) {
    const i = left[at] as number;
    const j = right[at] as number;
    if (i < 0 || j < 0) continue;
    const p = 1 / (1 + Math.exp((beta[j] as number) - (beta[i] as number)));
    const h = p * (1 - p);
    useful[at] = ((useful[at] as number) * h) / (1 + h * Math.max(varianceOf(i, j), 0));
  }
  return useful;
}
