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
export { type CountRow, hashCounts } from "./fit-counts";
export {
  createLeaderboard,
  type LeaderboardDeps,
  type LeaderboardService,
  type ModelEffect,
} from "./leaderboard-service";
export { type PublishedBoard, publishedBoard } from "./published-board";
export { type RecategorizeOptions, recategorize } from "./recategorize";
export { leaderboardRoutes } from "./routes";
export { type JudgedBattle, toVoteCategory } from "./vote-facts";
