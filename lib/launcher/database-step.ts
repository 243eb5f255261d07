import { join } from "node:path";
import type { EmbeddedPostgres } from "@/lib/db";
import { count, type Progress } from "./progress";

export type SiteDatabase = {
  url: string;
  /** The embedded PostgreSQL; null when DATABASE_URL names another. */
  embedded: EmbeddedPostgres | null;
};

/** The database that the site uses: the operator's, or one under the data folder. */
export async function openDatabase(
  given: string | undefined,
  dataDir: string,
  password: string,
  progress: Progress,
): Promise<SiteDatabase> {
  const { checkDatabase, startEmbeddedPostgres } = await import("@/lib/db");
  if (given !== undefined) {
    await progress.step("Reached the database of DATABASE_URL", () => checkDatabase(given));
    return { url: given, embedded: null };
  }
  const directory = join(dataDir, "postgres");
  const embedded = await progress.step(`Started PostgreSQL in ${directory}`, () =>
    startEmbeddedPostgres({ directory, password }),
  );
  return { url: embedded.url, embedded };
}

export async function migrateDatabase(url: string, progress: Progress): Promise<void> {
  const { migrate } = await import("@/lib/db");
  const title = (names: string[]) =>
    names.length === 0 ? "Database is up to date" : `Applied ${count(names.length, "migration")}`;
  await progress.step(title, () => migrate(url));
}
