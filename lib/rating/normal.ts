/**
 * Standard normal distribution function Φ(x), absolute error below 1e-15.
 * Source: Hart et al., Computer Approximations (1968), algorithm 5666, in the form of West, Better approximations to
 * cumulative normal functions, Wilmott (2005).
 */
export function normalCdf(x: number): number {
  const size = Math.abs(x);
  if (size > 37) return x > 0 ? 1 : 0;
  const density = Math.exp((-size * size) / 2);
  let tail: number;
  if (size < 7.07106781186547) {
    const numerator =
      (((((3.52624965998911e-2 * size + 0.700383064443688) * size + 6.37396220353165) * size +
        33.912866078383) *
        size +
        112.079291497871) *
        size +
        221.213596169931) *
        size +
      220.206867912376;
    const denominator =
      ((((((8.83883476483184e-2 * size + 1.75566716318264) * size + 16.064177579207) * size +
        86.7807322029461) *
        size +
        296.564248779674) *
        size +
        637.333633378831) *
        size +
        793.826512519948) *
        size +
      440.413735824752;
    tail = (density * numerator) / denominator;
  } else {
    const fraction = size + 1 / (size + 2 / (size + 3 / (size + 4 / (size + 0.65))));
    tail = density / fraction / 2.506628274631;
  }
  return x > 0 ? 1 - tail : tail;
}

/**
 * The value that a standard normal number stays below with this probability: bisection on Φ, to the last digits of a
 * double.
 *
 * @param probability in 0 … 1; 0 and 1 give −∞ and ∞
 */
export function normalQuantile(probability: number): number {
  if (!(probability > 0)) return Number.NEGATIVE_INFINITY;
  if (probability >= 1) return Number.POSITIVE_INFINITY;
  if (probability > 0.5) return -normalQuantile(1 - probability);
  let low = -39;
  let high = 0;
  for (let round = 0; round < 100; round++) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
