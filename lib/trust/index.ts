export { type ExcludedVotes, type ExcludeVotesInput, excludeVotes } from "./exclusions/exclude-votes";
export { exclusionSummary } from "./exclusions/exclusion-summary";
export {
  type ExclusionLine,
  type ExclusionQuery,
  listExclusions,
  type ModelMove,
} from "./exclusions/list-exclusions";
export { type ReverseExclusionInput, reverseExclusion } from "./exclusions/reverse-exclusion";
