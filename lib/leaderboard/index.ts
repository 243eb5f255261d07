export type { BoardKey, Fitted } from "./board-fits";
export { countImported } from "./count-imported";
export {
  blindBoard,
  boardOf,
  type CountedVote,
  compareBoard,
  countVote,
  overallCategory,
  selfBoard,
} from "./count-vote";
export { type BoardEffect, effectOfVotes } from "./effect-of-votes";
export { type CountRow, fitParameters, fitVersion, hashCounts } from "./fit-counts";
export {
  createLeaderboard,
  type LeaderboardDeps,
  type LeaderboardService,
  type ModelEffect,
} from "./leaderboard-service";
export { type CountMove, moveCounts } from "./move-counts";
export { type PublishedBoard, publishedBoard } from "./published-board";
export { type RecategorizeOptions, recategorize } from "./recategorize";
export { leaderboardRoutes } from "./routes";
export { snapshotResult } from "./snapshot-result";
export { type JudgedBattle, toVoteCategory } from "./vote-facts";
