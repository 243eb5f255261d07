export type { ChatDeps } from "./deps";
export { LiveConversations } from "./live-conversations";
export { createPublicWaiting } from "./public-waiting";
export { keepPurging } from "./purge-deleted";
export { chatRoutes } from "./routes";
