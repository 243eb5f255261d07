export type { BoardKey, Fitted } from "./board-fits";
export { blindBoard, boardOf, type CountedVote, countVote, overallCategory, selfBoard } from "./count-vote";
export {
  createLeaderboard,
  type LeaderboardDeps,
  type LeaderboardService,
  type ModelEffect,
} from "./leaderboard-service";
export { type RecategorizeOptions, recategorize } from "./recategorize";
export { leaderboardRoutes } from "./routes";
export { type JudgedBattle, toVoteCategory } from "./vote-facts";
