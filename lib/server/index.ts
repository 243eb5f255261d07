export { buildSite, type Site, type SiteDeps } from "./build-site";
export { createLogger } from "./create-logger";
