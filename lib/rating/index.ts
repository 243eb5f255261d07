/**
 * Ratings from votes: pure mathematics, numbers in and numbers out, the same code in the server and in the browser.
 * Imports nothing. Models are indices 0 … m − 1; votes are counts by pair, or rows of a `VoteTable` where covariates
 * need them. A board starts at `fitBoard`, one with style control at `fitStyleControl`.
 */
export type { AnomalyKind, EvidenceOptions, OutcomeChances } from "./anomalies";
export {
  type Board,
  type BoardOf,
  type BoardOptions,
  type BoardRating,
  type BoardRow,
  fitBoard,
  type LayoutOptions,
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
export {
  type Covariate,
  ownOrganizationCovariate,
  positionCovariate,
  type StyleCovariate,
  type StyleCovariateOptions,
  sameOrganizationCovariate,
  styleCovariate,
} from "./covariates";
export { type Cycle, majorityCycles } from "./cycles";
export { type DavidsonFit, fitDavidson } from "./davidson";
export {
  flagByEvidence,
  isFlagged,
  leadingAnomaly,
  startVoterEvidence,
  updateVoterEvidence,
  type VoterEvidence,
  type VoterTestOptions,
  type VoterVote,
} from "./e-process";
export { ELO_START, type EloOptions, eloExpected, eloUpdate } from "./elo";
export { RatingError, type RatingErrorCode } from "./errors";
export { type FlipSet, type FlipSetOptions, flipFirstPlace } from "./flip-set";
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
export { inversePropensityRates, type LoggedBattle, type PropensityRate } from "./inverse-propensity";
export type { NewtonOptions } from "./newton";
export { normalCdf, normalQuantile } from "./normal";
export { addOutcome, emptyPairCounts, votesOf } from "./pair-counts";
export {
  adaptivePolicy,
  type DrawnPair,
  drawPair,
  type PairPolicy,
  type SamplingOptions,
  type SamplingState,
  uniformPolicy,
} from "./pair-sampling";
export type { PairTable } from "./pair-table";
export { type Random, seededRandom } from "./random";
export {
  byStrength,
  intervalTiers,
  probabilityBetter,
  type RankSpread,
  rankIntervals,
  rankSpread,
  tiers,
} from "./rank";
export { type RankDistributionOptions, rankDistribution, topProbability } from "./rank-distribution";
export { fitRaoKupper, type RaoKupperFit } from "./rao-kupper";
export type { RatedFit, RateOptions } from "./rate-group";
export {
  type ProjectionPoint,
  projectSampling,
  type SamplingProjection,
  type SamplingProjectionResult,
} from "./sampling-projection";
export {
  ratedStrengths,
  type SamplingSimulation,
  type SimulationPoint,
  type SimulationResult,
  simulateSampling,
  votesToReach,
} from "./sampling-simulator";
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
export { type CovariateEffect, fitStyleBoard, type StyleBoard, type StyleBoardOptions } from "./style-board";
export { fitStyleControl, type StyleFit } from "./style-control";
export { type StyleCovariance, type StyleCovarianceOptions, styleCovariance } from "./style-covariance";
export { type TieCovarianceOptions, type TieModelFit, tieModelCovariance } from "./tie-covariance";
export {
  davidsonProbabilities,
  groundedProbabilities,
  raoKupperProbabilities,
  type TieModel,
} from "./tie-probabilities";
export { type Covariance, type Outcome, type PairCounts, Z_95 } from "./types";
export { countVotes, OUTCOMES, toVoteTable, type VoteTable } from "./vote-table";
export type { VoterCounts } from "./voter-counts";
export { type VotesNeededOptions, votesToSeparate } from "./votes-needed";
