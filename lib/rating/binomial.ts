import type { Random } from "./random";

/** ln k! − Stirling's (k + ½)·ln(k + 1) − (k + 1) + ½·ln 2π, exact for small k. */
const STIRLING_TAIL = [
  0.08106146679532726, 0.04134069595540929, 0.02767792568499834, 0.02079067210376509, 0.01664469118982119,
  0.01387612882307075, 0.01189670994589177, 0.01041126526197209, 0.009255462182712733, 0.008330563433362871,
];

/**
 * A binomial number: successes in n trials with probability p. Exact: inversion where n·min(p, 1 − p) < 10, else
 * transformed rejection (BTRS), which takes about one and a quarter pairs of uniform numbers whatever n is.
 *
 * @param n trials, an integer ≥ 0; @param p in 0 … 1
 * Source: Hörmann, The generation of binomial random variates, J. Statist. Comput. Simul. 46 (1993) 101–110;
 * Kachitvichyanukul and Schmeiser, Comm. ACM 31 (1988), for the inversion.
 */
export function sampleBinomial(n: number, p: number, random: Random): number {
  if (n <= 0 || p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - sampleBinomial(n, 1 - p, random);
  return n * p < 10 ? byInversion(n, p, random) : byRejection(n, p, random);
}

function byInversion(n: number, p: number, random: Random): number {
  const odds = p / (1 - p);
  const first = Math.exp(n * Math.log1p(-p));
  for (;;) {
    let rest = random();
    let mass = first;
    // Beyond 110 the probability is below 1e-60: only rounding leads there.
    for (let k = 0; k <= Math.min(n, 110); k++) {
      if (rest < mass) return k;
      rest -= mass;
      mass *= (odds * (n - k)) / (k + 1);
    }
  }
}

function byRejection(n: number, p: number, random: Random): number {
  const spread = Math.sqrt(n * p * (1 - p));
  const b = 1.15 + 2.53 * spread;
  const a = -0.0873 + 0.0248 * b + 0.01 * p;
  const centre = n * p + 0.5;
  const sure = 0.92 - 4.2 / b;
  const alpha = (2.83 + 5.1 / b) * spread;
  for (;;) {
    const u = random() - 0.5;
    const v = random();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + centre);
    if (us >= 0.07 && v <= sure) return k;
    if (!(k >= 0 && k <= n)) continue;
    // Most draws never come here, so what it needs is not computed before the loop.
    const logOdds = Math.log(p / (1 - p));
    const mode = Math.floor((n + 1) * p);
    const modeTail = stirlingTail(mode) + stirlingTail(n - mode);
    const scaled = Math.log((v * alpha) / (a / (us * us) + b));
    const bound =
      (mode + 0.5) * Math.log((mode + 1) / (n - mode + 1)) +
      modeTail +
      (n + 1) * Math.log((n - mode + 1) / (n - k + 1)) +
      (k + 0.5) * Math.log((n - k + 1) / (k + 1)) +
      (k - mode) * logOdds -
      stirlingTail(k) -
      stirlingTail(n - k);
    if (scaled <= bound) return k;
  }
}

function stirlingTail(k: number): number {
  const tabled = STIRLING_TAIL[k];
  if (tabled !== undefined) return tabled;
  const square = (k + 1) * (k + 1);
  return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1);
}
