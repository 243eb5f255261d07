/**
 * Ratings from votes: pure mathematics, numbers in and numbers out, the same code in the server and in the browser.
 * Imports nothing. Models are indices 0 … m − 1; votes are counts by pair. A board starts at `fitBoard`.
 */
export {
  type Board,
  type BoardOptions,
  type BoardRating,
  type BoardRow,
  fitBoard,
  type UnratedReason,
} from "./board";
export {
  type Bootstrap,
  type BootstrapOptions,
  bootstrapBradleyTerry,
  bootstrapCovariance,
} from "./bootstrap";
export {
  type BradleyTerryFit,
  type BradleyTerryOptions,
  fitBradleyTerry,
  type Weighting,
} from "./bradley-terry";
export { clusteredCovariance } from "./clustered";
export { differenceError, modelCovariance, type SandwichOptions, sandwichCovariance } from "./covariance";
export { type Cycle, majorityCycles } from "./cycles";
export { type DavidsonFit, fitDavidson } from "./davidson";
export { ELO_START, type EloOptions, eloExpected, eloUpdate } from "./elo";
export { RatingError, type RatingErrorCode } from "./errors";
export { type Components, comparisonComponents, dominanceComponents } from "./graph";
export { fitGroundedRaoKupper, type GroundedFit } from "./grounded-rao-kupper";
export {
  type CalibrationBin,
  calibration,
  dealFolds,
  type OutcomeProbabilities,
  outcomeLogLoss,
  type SharePrediction,
  shareByStrength,
  shareLogLoss,
} from "./held-out";
export type { NewtonOptions } from "./newton";
export { normalCdf, normalQuantile } from "./normal";
export { addOutcome, emptyPairCounts, votesOf } from "./pair-counts";
export type { PairTable } from "./pair-table";
export { type Random, seededRandom } from "./random";
export { byStrength, intervalTiers, probabilityBetter, type RankSpread, rankSpread, tiers } from "./rank";
export { type RankDistributionOptions, rankDistribution, topProbability } from "./rank-distribution";
export { fitRaoKupper, type RaoKupperFit } from "./rao-kupper";
export type { RatedFit, RateOptions } from "./rate-group";
export {
  type Anchor,
  changeGauge,
  MEAN_SCORE,
  POINTS_PER_BETA,
  type ScoreOptions,
  type Scores,
  toScores,
} from "./score";
export { rankSpreadByTests, type SeparationOptions, separations } from "./separations";
export { type TieCovarianceOptions, type TieModelFit, tieModelCovariance } from "./tie-covariance";
export {
  davidsonProbabilities,
  groundedProbabilities,
  raoKupperProbabilities,
  type TieModel,
} from "./tie-probabilities";
export { type Covariance, type Outcome, type PairCounts, Z_95 } from "./types";
export type { VoterCounts } from "./voter-counts";
export { type VotesNeededOptions, votesToSeparate } from "./votes-needed";
