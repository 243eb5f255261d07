import { readLauncherEnv } from "@/lib/env";
import { isAppError } from "@/lib/errors";
import { findSiteDatabase } from "./find-site-database";

// `npm run migrate`: brings the database to this version, before servers of it start. Several may run at once.

try {
  const url = await findSiteDatabase(readLauncherEnv());
  const { migrate } = await import("@/lib/db");
  const applied = await migrate(url);
  const lines = applied.map((name) => `Applied ${name}.\n`);
  process.stdout.write(lines.length === 0 ? "The database is up to date.\n" : lines.join(""));
} catch (error) {
  const known = isAppError(error) ? error.message : error instanceof Error ? error.stack : String(error);
  process.stderr.write(`${known}\n`);
  process.exitCode = 1;
}
