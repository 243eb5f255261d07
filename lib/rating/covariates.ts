import { RatingError } from "./errors";
import type { VoteTable } from "./vote-table";

/**
 * What else may move a vote. `values[r]` is the covariate of vote r seen from side A: it adds γ·values[r] to the logit
 * of A winning.
 */
export type Covariate = {
  name: string;
  values: Float64Array;
};

/** A standardised covariate, and how it was made: values = (raw − mean) / scale. */
export type StyleCovariate = Covariate & {
  mean: number;
  scale: number;
};

export type StyleCovariateOptions = {
  /**
   * Subtract the mean, as published boards do. Default true. With sides drawn at random the mean is near zero and
   * nothing changes; where they are not, a position covariate takes the mean up. With false the covariate only
   * changes its sign when a single vote is told from the other side.
   */
  centre?: boolean;
};

/**
 * Style covariate from a feature of the two responses (tokens, headers, bold, list items): the relative difference
 * (x_a − x_b) / (x_a + x_b), 0 where both are 0, standardised over the votes to mean zero and variance one. So γ is
 * the change of logit for one standard deviation.
 *
 * @param name used in error messages and beside γ
 * @param sideA, sideB feature of each response, one a vote, not negative
 * @throws RatingError `bad_argument` when lengths differ; `bad_covariates` for a negative or non-finite feature (with
 * `row`), or a relative difference that is the same in all votes and so tells nothing
 * Source: Li, Angelopoulos and Chiang, Does style matter?, LMSYS blog (2024).
 */
export function styleCovariate(
  name: string,
  sideA: ArrayLike<number>,
  sideB: ArrayLike<number>,
  { centre = true }: StyleCovariateOptions = {},
): StyleCovariate {
  const size = sideA.length;
  if (sideB.length !== size) {
    throw new RatingError("bad_argument", `covariate ${name}: the two sides differ in length`, { size });
  }
  const values = new Float64Array(size);
  let sum = 0;
  for (let row = 0; row < size; row++) {
    const a = sideA[row] as number;
    const b = sideB[row] as number;
    if (!(a >= 0 && b >= 0 && a + b < Number.POSITIVE_INFINITY)) {
      throw new RatingError("bad_covariates", `covariate ${name}, row ${row}: not a finite number ≥ 0`, {
        row,
      });
    }
    const difference = a + b === 0 ? 0 : (a - b) / (a + b);
    values[row] = difference;
    sum += difference;
  }
  const mean = centre && size > 0 ? sum / size : 0;
  let squares = 0;
  for (let row = 0; row < size; row++) squares += ((values[row] as number) - mean) ** 2;
  const scale = Math.sqrt(squares / Math.max(size, 1));
  if (!(scale > 1e-9)) {
    throw new RatingError("bad_covariates", `covariate ${name} is the same in all votes: leave it out`);
  }
  for (let row = 0; row < size; row++) values[row] = ((values[row] as number) - mean) / scale;
  return { name, values, mean, scale };
}

/** Covariate of position: 1 for side A in every vote; γ is the logit of A winning between equal models. */
export function positionCovariate(size: number): Covariate {
  return { name: "position", values: new Float64Array(size).fill(1) };
}

/**
 * Covariate of siblings: 1 where both models are of one organization, else 0. γ is what side A gains there on top of
 * any position covariate: answers that look alike leave more to position.
 *
 * @param organization of each model, any number; −1 where it is not known, which equals nothing
 * @throws RatingError `bad_argument` when there is not one a model
 */
export function sameOrganizationCovariate(votes: VoteTable, organization: ArrayLike<number>): Covariate {
  requireOneEach(votes, organization);
  const values = new Float64Array(votes.size);
  for (let row = 0; row < votes.size; row++) {
    const left = organization[votes.a[row] as number] as number;
    values[row] = left !== -1 && left === organization[votes.b[row] as number] ? 1 : 0;
  }
  return { name: "same organization", values };
}

/**
 * Covariate of self-preference, for a judge that is itself a model: 1 where the model on side A is of the voter's
 * organization, −1 where the one on side B is, 0 for both or neither. γ is the logit that a judge adds to its own.
 *
 * @param organization of each model, as above
 * @param voterOrganization of each vote's voter; −1 for none
 * @throws RatingError `bad_argument` when lengths do not fit
 */
export function ownOrganizationCovariate(
  votes: VoteTable,
  organization: ArrayLike<number>,
  voterOrganization: ArrayLike<number>,
): Covariate {
  requireOneEach(votes, organization);
  if (voterOrganization.length !== votes.size) {
    throw new RatingError("bad_argument", "one voter's organization a vote is needed", { size: votes.size });
  }
  const values = new Float64Array(votes.size);
  for (let row = 0; row < votes.size; row++) {
    const own = voterOrganization[row] as number;
    if (own === -1) continue;
    const isA = organization[votes.a[row] as number] === own;
    const isB = organization[votes.b[row] as number] === own;
    values[row] = Number(isA) - Number(isB);
  }
  return { name: "own organization", values };
}

function requireOneEach(votes: VoteTable, organization: ArrayLike<number>): void {
  if (organization.length !== votes.modelCount) {
    throw new RatingError("bad_argument", "one organization a model is needed", {
      models: votes.modelCount,
      organizations: organization.length,
    });
  }
}
