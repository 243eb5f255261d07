export { createModeration, type Moderation, type ModerationDeps } from "./moderation";
export { flagRoutes } from "./routes";
