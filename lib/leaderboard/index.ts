export { countImported } from "./count-imported";
export { blindBoard, type CountedVote, countVote, overallCategory } from "./count-vote";
export type { CountRow } from "./fit-counts";
export { createLeaderboard, type LeaderboardService, type ModelEffect } from "./leaderboard-service";
export { type PublishedBoard, publishedBoard } from "./published-board";
export { leaderboardRoutes } from "./routes";
