import type { Covariate } from "./covariates";
import type { Random } from "./random";
import { toVoteTable, type VoteTable } from "./vote-table";

/** Effects published for a real board: length, headers, bold, lists. */
export const PUBLISHED = [0.249, 0.024, 0.019, 0.031];
export const FEATURES = ["tokens", "headers", "bold", "lists"];

/** Two sides of four features each: long answers are common, markup is often absent. */
export function simulateFeatures(size: number, random: Random) {
  const column = (share: number, scale: number) =>
    Float64Array.from({ length: size }, () =>
      random() < share ? Math.ceil(-Math.log(1 - random()) * scale) : 0,
    );
  const side = () => [column(1, 300), column(0.4, 4), column(0.6, 8), column(0.5, 6)];
  return { a: side(), b: side() };
}

/** Votes on uniformly drawn pairs: logit P(A wins) = β_a − β_b + Σ γ·z. */
export function drawVotes(
  beta: readonly number[],
  covariates: readonly Covariate[],
  gamma: readonly number[],
  size: number,
  random: Random,
  extra: (row: number, a: number) => number = () => 0,
): VoteTable {
  const votes = Array.from({ length: size }, (_, row) => {
    const a = Math.floor(random() * beta.length);
    const b = (a + 1 + Math.floor(random() * (beta.length - 1))) % beta.length;
    let logit = (beta[a] ?? 0) - (beta[b] ?? 0) + extra(row, a) - extra(row, b);
    covariates.forEach(({ values }, k) => {
      logit += (gamma[k] ?? 0) * (values[row] ?? 0);
    });
    return { a, b, outcome: random() < 1 / (1 + Math.exp(-logit)) ? ("a" as const) : ("b" as const) };
  });
  return toVoteTable(beta.length, votes);
}

/** Standard error k of a covariance matrix. */
export const errorOf = (values: Float64Array, size: number, k: number) =>
  Math.sqrt(values[k * size + k] as number);
