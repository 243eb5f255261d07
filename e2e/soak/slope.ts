export type Trend = {
  mean: number;
  /** How much the fitted line rises from the first point to the last. */
  rise: number;
  /** The rise's standard error: what of it may be noise. */
  error: number;
};

/** A line through equally distant points by least squares. Needs three points. */
export function trendOf(values: readonly number[]): Trend {
  const n = values.length;
  if (n < 3) throw new Error("A trend needs three points.");
  const middle = (n - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  let sxx = 0;
  let sxy = 0;
  values.forEach((value, index) => {
    sxx += (index - middle) ** 2;
    sxy += (index - middle) * (value - mean);
  });
  const slope = sxy / sxx;
  const residuals = values.reduce(
    (sum, value, index) => sum + (value - mean - slope * (index - middle)) ** 2,
    0,
  );
  const error = Math.sqrt(residuals / (n - 2) / sxx);
  return { mean, rise: slope * (n - 1), error: error * (n - 1) };
}

/** Flat: the rise is within the tolerance (a share of the mean), or not to be told from noise at three standard errors. */
export function isFlat({ mean, rise, error }: Trend, tolerance: number): boolean {
  return rise <= tolerance * mean || rise <= 3 * error;
}
