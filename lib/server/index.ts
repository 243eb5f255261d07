export { buildSite, type Site, type SiteDeps } from "./build-site";
