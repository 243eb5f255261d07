import {
  type Covariate,
  positionCovariate,
  RatingError,
  sameOrganizationCovariate,
  styleCovariate,
} from "@/lib/rating";
import type { ForkCovariate } from "./fork-choice";
import { styleFeatures, type VoteRows } from "./vote-rows";

/**
 * The covariates of these names that the votes know anything of, always in one order: a feature that is the same in all
 * votes cannot be held equal, and is left out.
 *
 * @param organization of each model, any number; −1 where not known
 */
export function covariatesOf(
  votes: VoteRows,
  names: readonly ForkCovariate[],
  organization: ArrayLike<number>,
): Covariate[] {
  const covariates: Covariate[] = [];
  if (names.includes("position")) covariates.push(positionCovariate(votes.size));
  for (const name of styleFeatures) {
    if (!names.includes(name)) continue;
    try {
      covariates.push(styleCovariate(name, votes.style[name].a, votes.style[name].b));
    } catch (error) {
      if (!(error instanceof RatingError && error.code === "bad_covariates")) throw error;
    }
  }
  if (names.includes("organization")) {
    const { values } = sameOrganizationCovariate(votes, organization);
    if (values.some((value) => value !== 0)) covariates.push({ name: "organization", values });
  }
  return covariates;
}
