/** What a voter said of the two responses of a battle. `tie`: both good; `both_bad`: neither. */
export type Outcome = "a" | "b" | "tie" | "both_bad";

/**
 * All that a fit needs of the votes between two models: how often `i` won, `j` won, both were called equal, both were
 * called bad. `i` and `j` are indices 0 … modelCount − 1 with i ≠ j. Canonically i < j, but every function accepts
 * either order and several rows of one pair, and adds them up. Counts are votes; fractions are allowed (weighted
 * votes).
 */
export type PairCounts = {
  i: number;
  j: number;
  winI: number;
  winJ: number;
  tie: number;
  bothBad: number;
};

/** A symmetric matrix of covariances: `values` is row-major, `size` × `size`. */
export type Covariance = {
  size: number;
  values: Float64Array;
};

/** 0.975 quantile of the standard normal distribution: half-width of a two-sided 95 % interval in standard errors. */
export const Z_95 = 1.959963984540054;
