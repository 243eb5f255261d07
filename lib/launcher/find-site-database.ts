import { join, resolve } from "node:path";
import type { LauncherEnv } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { findSecrets } from "./secrets";

/**
 * The database of a site, for a program beside it: DATABASE_URL, or the embedded PostgreSQL that `npm start` runs now.
 * @throws `database_unavailable` with a sentence for the operator.
 */
export async function findSiteDatabase(
  env: Pick<LauncherEnv, "DATABASE_URL" | "ARENA_DATA_DIR">,
): Promise<string> {
  if (env.DATABASE_URL !== undefined) return env.DATABASE_URL;
  const { findEmbeddedPostgres } = await import("@/lib/db");
  const dataDir = resolve(env.ARENA_DATA_DIR);
  const secrets = await findSecrets(join(dataDir, "secrets.json"));
  const found =
    secrets === null ? null : await findEmbeddedPostgres(join(dataDir, "postgres"), secrets.databasePassword);
  if (found !== null) return found.url;
  throw new AppError("database_unavailable", {
    message: `No Chat Arena runs on ${dataDir}. Start it with npm start, or set ARENA_DATA_DIR or DATABASE_URL to those of the site.`,
  });
}
