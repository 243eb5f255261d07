export type { HistoryDeps } from "./deps";
export { historyRoutes } from "./routes";
