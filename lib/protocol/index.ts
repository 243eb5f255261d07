export * from "./battle";
export * from "./leaderboard";
export * from "./openai";
export * from "./worker";
