export { blindBoard, type CountedVote, countVote, overallCategory } from "./count-vote";
export { createLeaderboard, type LeaderboardService, type ModelEffect } from "./leaderboard-service";
export { leaderboardRoutes } from "./routes";
