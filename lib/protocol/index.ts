export * from "./battle";
export * from "./categories";
export * from "./chat";
export * from "./history";
export * from "./leaderboard";
export * from "./openai";
export * from "./parse";
export * from "./worker";
