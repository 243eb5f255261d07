export { closeGoneFlags } from "./close-gone-flags";
export { forgetRefused } from "./forget-refused";
export { createModeration, type Moderation, type ModerationDeps } from "./moderation";
export { flagRoutes } from "./routes";
