/**
 * Fits of a board as a reader chooses them, from what is published: pair counts, or a file of votes by column. Pure, and
 * the same code in the server and in the browser. Imports the mathematics, the protocol and errors only.
 */
export { covariatesOf } from "./covariates";
export {
  type ForkFit,
  type ForkProgress,
  type ForkRating,
  type ForkRow,
  fitFork,
  isUndetermined,
} from "./fit-fork";
export {
  type ForkChoice,
  type ForkCovariate,
  forkChoiceSchema,
  forkCovariateSchema,
  forkCovariates,
  isAsPublished,
  needsVotes,
} from "./fork-choice";
export { oddVoterRate } from "./odd-voters";
export {
  decodeVoteFile,
  encodeVoteColumns,
  encodeVoteHeader,
  unknownLanguage,
  type VoteColumns,
  type VoteFile,
  voteFileBody,
} from "./vote-file";
export { type StyleFeature, selectRows, styleFeatures } from "./vote-rows";
