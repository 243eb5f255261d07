export type { ArenaDeps } from "./deps";
export { LiveBattles } from "./live-battles";
export { registerModels } from "./register-models";
export { arenaRoutes } from "./routes";
