export { blindBoard, type CountedVote, compareBoard, countVote, overallCategory } from "./count-vote";
export { createLeaderboard, type LeaderboardService, type ModelEffect } from "./leaderboard-service";
export { leaderboardRoutes } from "./routes";
