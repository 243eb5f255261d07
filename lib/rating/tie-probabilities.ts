import type { OutcomeProbabilities } from "./held-out";

/** Models with a tie parameter. `half` (Bradley–Terry, a tie counts ½ for each) has none. */
export type TieModel = "davidson" | "rao_kupper" | "grounded_rao_kupper";

/** ∂ ln p / ∂(β_i, β_j, shape). */
export type Slope = [betaI: number, betaJ: number, shape: number];

/** Chance of each outcome in Davidson's model; the tie stands for both kinds. */
export function davidsonProbabilities(piI: number, piJ: number, nu: number): OutcomeProbabilities {
  const tie = nu * Math.sqrt(piI * piJ);
  const sum = piI + piJ + tie;
  return { winI: piI / sum, winJ: piJ / sum, tie: tie / sum, bothBad: 0 };
}

/** Chance of each outcome in Rao and Kupper's model; the tie stands for both kinds. */
export function raoKupperProbabilities(piI: number, piJ: number, theta: number): OutcomeProbabilities {
  const againstI = piI + theta * piJ;
  const againstJ = theta * piI + piJ;
  return {
    winI: piI / againstI,
    winJ: piJ / againstJ,
    tie: ((theta * theta - 1) * piI * piJ) / (againstI * againstJ),
    bothBad: 0,
  };
}

/**
 * Chance of each outcome in the grounded model of Rao and Kupper, for four buttons: p_i = π_i / (π_i + θ·π_j + 1),
 * p_j = π_j / (θ·π_i + π_j + 1), p_both_bad = 1 / (1 + π_i + π_j), p_tie = the rest, which is (θ − 1)·π_i·π_j / (1 +
 * π_i + π_j) · (1/(π_i + θ·π_j + 1) + 1/(θ·π_i + π_j + 1)), never negative.
 *
 * Source: Frick et al., Prompt-to-Leaderboard, arXiv:2502.14855 (2025).
 */
export function groundedProbabilities(piI: number, piJ: number, theta: number): OutcomeProbabilities {
  const ground = 1 + piI + piJ;
  const againstI = piI + theta * piJ + 1;
  const againstJ = theta * piI + piJ + 1;
  return {
    winI: piI / againstI,
    winJ: piJ / againstJ,
    tie: (((theta - 1) * piI * piJ) / ground) * (1 / againstI + 1 / againstJ),
    bothBad: 1 / ground,
  };
}

/**
 * Chances of (i wins, j wins, tie, both bad) and the slopes of their logarithms in (β_i, β_j, shape), where shape is
 * ln ν for Davidson, ln θ for Rao and Kupper, ln(θ − 1) for the grounded model. For the first two both kinds of tie
 * are one outcome: the last chance is 0 and the last slope that of a tie.
 */
export function outcomeSlopes(
  model: TieModel,
  betaI: number,
  betaJ: number,
  shape: number,
): { chances: number[]; slopes: Slope[] } {
  // The first two depend on β_i − β_j alone; halving it keeps both exponentials in range.
  const middle = model === "grounded_rao_kupper" ? 0 : (betaI + betaJ) / 2;
  const a = Math.exp(betaI - middle);
  const b = Math.exp(betaJ - middle);
  const parameter = model === "grounded_rao_kupper" ? 1 + Math.exp(shape) : Math.exp(shape);
  const p = probabilitiesOf[model](a, b, parameter);
  const chances = [p.winI, p.winJ, p.tie, p.bothBad];
  if (model === "davidson") {
    // Multinomial logit: features (1, 0, 0), (0, 1, 0), (½, ½, 1) minus their mean.
    const meanI = p.winI + p.tie / 2;
    const meanJ = p.winJ + p.tie / 2;
    const tie: Slope = [0.5 - meanI, 0.5 - meanJ, 1 - p.tie];
    return { chances, slopes: [[1 - meanI, -meanJ, -p.tie], [-meanI, 1 - meanJ, -p.tie], tie, tie] };
  }
  if (model === "rao_kupper") {
    // ln p_tie = ln(1 − p_i) + ln(1 − p_j) + ln(1 − e^(−2·shape)).
    const { winI: below, winJ: above } = p;
    const tie: Slope = [above - below, below - above, below + above + 2 / Math.expm1(2 * shape)];
    return {
      chances,
      slopes: [[1 - below, below - 1, below - 1], [above - 1, 1 - above, above - 1], tie, tie],
    };
  }
  const theta = parameter;
  const excess = theta - 1;
  const rI = 1 / (a + theta * b + 1);
  const rJ = 1 / (theta * a + b + 1);
  const r0 = p.bothBad;
  const both = rI + rJ;
  return {
    chances,
    slopes: [
      [1 - a * rI, -theta * b * rI, -excess * b * rI],
      [-theta * a * rJ, 1 - b * rJ, -excess * a * rJ],
      [
        1 - a * r0 - (a * rI * rI + theta * a * rJ * rJ) / both,
        1 - b * r0 - (theta * b * rI * rI + b * rJ * rJ) / both,
        1 - (excess * (b * rI * rI + a * rJ * rJ)) / both,
      ],
      [-a * r0, -b * r0, 0],
    ],
  };
}

const probabilitiesOf = {
  davidson: davidsonProbabilities,
  rao_kupper: raoKupperProbabilities,
  grounded_rao_kupper: groundedProbabilities,
} as const;

/** Σ count·∂ ln p / ∂(β_i, β_j, shape). */
export function weightedSlope(
  model: TieModel,
  betaI: number,
  betaJ: number,
  shape: number,
  counts: readonly number[],
): Slope {
  const sum: Slope = [0, 0, 0];
  outcomeSlopes(model, betaI, betaJ, shape).slopes.forEach((slope, outcome) => {
    const count = counts[outcome] as number;
    for (const x of [0, 1, 2] as const) sum[x] += count * slope[x];
  });
  return sum;
}

const STEP = 1e-5;

/** Minus the second derivatives of Σ count·ln p in (β_i, β_j, shape), 3 × 3 row-major, symmetric. */
export function observedInformation(
  model: TieModel,
  betaI: number,
  betaJ: number,
  shape: number,
  counts: readonly number[],
): number[] {
  const gradient = (i: number, j: number, s: number): Slope => weightedSlope(model, i, j, s, counts);
  const difference = (after: Slope, before: Slope): Slope => [
    (before[0] - after[0]) / (2 * STEP),
    (before[1] - after[1]) / (2 * STEP),
    (before[2] - after[2]) / (2 * STEP),
  ];
  const [ii, ij, is] = difference(gradient(betaI + STEP, betaJ, shape), gradient(betaI - STEP, betaJ, shape));
  const [ji, jj, js] = difference(gradient(betaI, betaJ + STEP, shape), gradient(betaI, betaJ - STEP, shape));
  const [si, sj, ss] = difference(gradient(betaI, betaJ, shape + STEP), gradient(betaI, betaJ, shape - STEP));
  const [a, b, c] = [(ij + ji) / 2, (is + si) / 2, (js + sj) / 2];
  return [ii, a, b, a, jj, c, b, c, ss];
}
