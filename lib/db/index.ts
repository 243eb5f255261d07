export {
  checkDatabase,
  closeDatabase,
  createDatabase,
  type Database,
  type DatabaseOptions,
} from "./database";
export { databaseError, isUniqueViolation } from "./database-error";
export { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from "./embedded";
export type { Prisma } from "./generated/client";
export { type ListenOptions, listen } from "./listen";
export { migrate } from "./migrate";
export { type LockResult, processIsAlive, takeLock } from "./process-lock";
