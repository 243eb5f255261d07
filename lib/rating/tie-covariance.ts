import type { BradleyTerryFit } from "./bradley-terry";
import { factorCholesky, invertCholesky, sandwichProduct } from "./cholesky";
import { clusteredCovariance } from "./clustered";
import { type SandwichOptions, sandwichCovariance } from "./covariance";
import type { DavidsonFit } from "./davidson";
import { RatingError } from "./errors";
import type { GroundedFit } from "./grounded-rao-kupper";
import { centreBoth } from "./matrix";
import { modelVotes, pairAt } from "./pair-table";
import type { RaoKupperFit } from "./rao-kupper";
import { observedInformation, outcomeSlopes, weightedSlope } from "./tie-probabilities";
import type { Covariance } from "./types";
import { countsByVoter, type VoterCounts } from "./voter-counts";

/** A fit of any model with a tie parameter. */
export type TieModelFit = DavidsonFit | RaoKupperFit | GroundedFit;

export type TieCovarianceOptions = SandwichOptions & {
  /**
   * Counts by voter and pair; votes of the fit that no row accounts for count as one voter each. Default: none are
   * known.
   */
  voters?: readonly VoterCounts[];
};

/**
 * Sandwich covariance of β for a fit with a tie parameter: the block of β in H⁻¹ G H⁻¹ over all parameters, so the
 * uncertainty of the tie parameter is in it. G = Σ count·u·uᵀ with u the slope of ln P(outcome); H is the observed
 * information, from the slopes by central differences (relative error about 1e-9). Votes are taken as independent,
 * except for those of one voter in `voters`: see `clusteredCovariance`.
 *
 * `cautionVotes` c moves the spread of a pair towards the model's own by the share c / (c + fewer votes of the two
 * models).
 *
 * @returns m × m; mean-zero gauge, except for the grounded model, whose β has no free gauge and keeps its own zero
 * @throws RatingError `bad_argument` for negative cautionVotes; `no_finite_maximum` when H is not positive definite
 * Source: White, Econometrica 50 (1982).
 */
export function tieModelCovariance(fit: TieModelFit, options: TieCovarianceOptions = {}): Covariance {
  const { cautionVotes = 0, voters = [] } = options;
  if (!(cautionVotes >= 0)) throw new RatingError("bad_argument", "cautionVotes must not be negative");
  const { table, beta } = fit;
  const m = table.modelCount;
  const shape = shapeOf(fit);
  if (shape === undefined) {
    // Without ties the model is Bradley–Terry, and its tie parameter sits on the border.
    const weight = new Float64Array(table.size).fill(1);
    const half: BradleyTerryFit = { ...fit, kind: "half", weight };
    return voters.length === 0
      ? sandwichCovariance(half, options)
      : clusteredCovariance(half, voters, options);
  }
  const isGrounded = fit.kind === "grounded_rao_kupper";
  const votes = modelVotes(table);
  // A gauge is free in the first two models: the model with most votes is held fixed and has no place.
  const fixed = isGrounded ? -1 : votes.indexOf(votes.reduce((most, count) => Math.max(most, count), 0));
  const place = Int32Array.from({ length: m }, (_, k) =>
    k === fixed ? -1 : fixed >= 0 && k > fixed ? k - 1 : k,
  );
  const size = isGrounded ? m + 1 : m;
  const information = new Float64Array(size * size);
  const meat = new Float64Array(size * size);
  const known = voters.length === 0 ? undefined : countsByVoter(table, voters);
  const places = (i: number, j: number): Places => [place[i] as number, place[j] as number, size - 1];

  for (let k = 0; k < table.size; k++) {
    const pair = pairAt(table, k);
    const betaI = beta[pair.i] as number;
    const betaJ = beta[pair.j] as number;
    const counts = [pair.winI, pair.winJ, pair.tie, pair.bothBad];
    const n = pair.winI + pair.winJ + pair.tie + pair.bothBad;
    const { chances, slopes } = outcomeSlopes(fit.kind, betaI, betaJ, shape);
    const fewer = Math.min(votes[pair.i] as number, votes[pair.j] as number);
    const caution = cautionVotes === 0 ? 0 : cautionVotes / (cautionVotes + fewer);
    const curvature = observedInformation(fit.kind, betaI, betaJ, shape, counts);
    const at = places(pair.i, pair.j);
    const alone = known?.rest[k] ?? counts;
    for (let x = 0; x < 3; x++) {
      for (let y = 0; y < 3; y++) {
        const row = at[x] as number;
        const column = at[y] as number;
        if (row < 0 || column < 0) continue;
        let spread = 0;
        slopes.forEach((slope, outcome) => {
          const share =
            (1 - caution) * (alone[outcome] as number) + caution * n * (chances[outcome] as number);
          spread += share * (slope[x] as number) * (slope[y] as number);
        });
        const cell = row * size + column;
        meat[cell] = (meat[cell] as number) + spread;
        information[cell] = (information[cell] as number) + (curvature[x * 3 + y] as number);
      }
    }
  }
  for (const own of known?.voters ?? []) {
    const score = new Map<number, number>();
    for (const [k, counts] of own) {
      const { i, j } = pairAt(table, k);
      const total = weightedSlope(fit.kind, beta[i] as number, beta[j] as number, shape, counts);
      places(i, j).forEach((at, x) => {
        if (at >= 0) score.set(at, (score.get(at) ?? 0) + (total[x] as number));
      });
    }
    for (const [row, left] of score) {
      for (const [column, right] of score) {
        meat[row * size + column] = (meat[row * size + column] as number) + left * right;
      }
    }
  }
  const correction = known === undefined ? 1 : known.clusters / (known.clusters - 1);
  for (let at = 0; at < meat.length; at++) meat[at] = (meat[at] as number) * correction;
  if (!factorCholesky(information, size, information)) {
    throw new RatingError("no_finite_maximum", "the information matrix is singular at this fit");
  }
  const full = sandwichProduct(invertCholesky(information, size), meat, size);
  const values = new Float64Array(m * m);
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < m; column++) {
      const r = place[row] as number;
      const c = place[column] as number;
      values[row * m + column] = r < 0 || c < 0 ? 0 : (full[r * size + c] as number);
    }
  }
  if (!isGrounded) centreBoth(values, m);
  return { size: m, values };
}

/** Places of β_i, β_j and the shape among the parameters; −1 for the one held fixed. */
type Places = [number, number, number];

function shapeOf(fit: TieModelFit): number | undefined {
  if (fit.kind === "davidson") return fit.nu > 0 ? Math.log(fit.nu) : undefined;
  if (fit.kind === "grounded_rao_kupper") return Math.log(fit.theta - 1);
  return fit.theta > 1 ? Math.log(fit.theta) : undefined;
}
