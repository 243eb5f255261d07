export { checkPort } from "./check-port";
export { findSiteDatabase } from "./find-site-database";
export { generateClient } from "./generate-client";
export { complainAboutNode } from "./node-version";
