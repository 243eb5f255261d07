export { deleteTexts } from "./delete-texts";
export type { HistoryDeps } from "./deps";
export { historyRoutes } from "./routes";
