/**
 * Why a rating function refused its input.
 *
 * - `bad_argument`: an option or an index is out of its range.
 * - `bad_counts`: a count is negative, not finite, or names the same model twice or a model that is not there.
 * - `bad_covariates`: a covariate is constant, not finite, or explained by the models and the other covariates.
 * - `disconnected_comparison_graph`: some models were never compared, directly or through others.
 * - `no_finite_maximum`: the models are connected, but the likelihood grows without end (a model or a group only
 *   won or only lost, a covariate decides every vote, or the votes cannot tell a tie parameter from infinity).
 */
export type RatingErrorCode =
  | "bad_argument"
  | "bad_counts"
  | "bad_covariates"
  | "disconnected_comparison_graph"
  | "no_finite_maximum";

/**
 * The only error that `lib/rating` throws. Compare `code`, never `instanceof`: the folder runs in several bundles.
 * `details` holds plain numbers and arrays of numbers (model indices, row numbers).
 */
export class RatingError extends Error {
  readonly code: RatingErrorCode;
  readonly details: Readonly<Record<string, number | readonly number[]>>;

  constructor(
    code: RatingErrorCode,
    message: string,
    details: Readonly<Record<string, number | readonly number[]>> = {},
  ) {
    super(message);
    this.name = "RatingError";
    this.code = code;
    this.details = details;
  }
}
