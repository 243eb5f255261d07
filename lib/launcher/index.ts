export { checkPort } from "./check-port";
export { bundle } from "./compile/compile";
export { programs } from "./compile/programs";
export { findSiteDatabase } from "./find-site-database";
export { complainAboutNode } from "./node-version";
export { runCommand } from "./run-command";
export { serverFlags } from "./server-flags";
