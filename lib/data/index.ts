export { type DataDeps, listReleases } from "./list-releases";
export type { LiveDataDeps } from "./live-data";
export { dataRoutes } from "./routes";
