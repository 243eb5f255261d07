import { migrationState, newerDatabaseError } from "@/lib/db";
import { AppError } from "@/lib/errors";

/**
 * Makes sure that the database is at this version's level: over another one every request would fail in its own way.
 *
 * @throws `database_unavailable` with a sentence for the operator.
 */
export async function requireSchema(url: string): Promise<void> {
  const { missing, unknown } = await migrationState(url);
  const [first] = missing;
  if (unknown.length > 0) throw newerDatabaseError(unknown);
  if (first === undefined) return;
  const lack =
    missing.length === 1 ? `the migration ${first}` : `${missing.length} migrations (${first} is the first)`;
  throw new AppError("database_unavailable", {
    message: `The database lacks ${lack} of this version. Migrate it before the servers start: npm run migrate, or in an image node lib/launcher/run.mjs migrate.`,
  });
}
