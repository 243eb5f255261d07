export { createChallenges } from "./challenge/challenges";
export { type ExcludedVotes, type ExcludeVotesInput, excludeVotes } from "./exclusions/exclude-votes";
export { exclusionSummary } from "./exclusions/exclusion-summary";
export {
  type ExclusionLine,
  type ExclusionQuery,
  listExclusions,
  type ModelMove,
} from "./exclusions/list-exclusions";
export type { ActEvidence } from "./exclusions/read-evidence";
export { type ReverseExclusionInput, reverseExclusion } from "./exclusions/reverse-exclusion";
export { createSummaryReader } from "./exclusions/summary-reader";
export { votesOf } from "./exclusions/votes-of";
export { type CheckQueue, readCheckQueue } from "./integrity/check-queue";
export { createIntegrityKeeper, type IntegrityDeps, type IntegrityKeeper } from "./integrity/keep-integrity";
export { createNetworkHashes, type NetworkHashes } from "./integrity/network-hash";
export { integrityRoutes } from "./integrity-routes";
export { createLimitStore } from "./limits/create-limit-store";
export { createEarlierLimit } from "./limits/limit-earlier";
export { createRequestLimits } from "./limits/limit-requests";
export { addLimits, createRequestLimit, type LimitOptions } from "./limits/limit-routes";
export { createNetworkTokens } from "./limits/network-tokens";
