export { type ClockDifference, readClockDifference, tolerableClockMs } from "./clock-difference";
export {
  checkDatabase,
  closeDatabase,
  createDatabase,
  type Database,
  type DatabaseOptions,
} from "./database";
export { databaseError, isUniqueViolation, postgresCode } from "./database-error";
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  findEmbeddedPostgres,
  startEmbeddedPostgres,
} from "./embedded";
export { Prisma } from "./generated/client";
export { type ListenOptions, listen } from "./listen";
export { knownMigrations, migrate, migrationState, migrationsUpTo, newerDatabaseError } from "./migrate";
export { type LockResult, processIsAlive, takeLock } from "./process-lock";
export { steadyNow } from "./steady-now";
