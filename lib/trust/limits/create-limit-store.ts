import type { Database } from "@/lib/db";
import type { LimitStore } from "./limit-store";
import { createPostgresLimits } from "./postgres-limits";
import { createRedisLimits } from "./redis-limits";

/** Redis where there is one, else the database. */
export function createLimitStore(deps: {
  db: Database;
  redisUrl: string | undefined;
  logger: { warn(fields: object, message: string): void };
}): LimitStore {
  const fallback = createPostgresLimits(deps.db);
  if (deps.redisUrl === undefined) return fallback;
  return createRedisLimits({ url: deps.redisUrl, logger: deps.logger, fallback });
}
