import { Client } from "pg";
import { AppError } from "@/lib/errors";
import { databaseError } from "./database-error";
import {
  type MigrationList,
  noFilters,
  readMigrations,
  type SchemaEngine,
  withSchemaEngine,
} from "./schema-engine";

/** Any number that nothing else locks: "arena" in ASCII. */
const lockKey = 0x6172656e61;

/**
 * Brings the database to the newest migration and returns the names of those that were applied. Several servers may call it at once: one
 * applies, the others wait. Each migration and its row in `_prisma_migrations` are one transaction, so a failing migration and a killed
 * process leave nothing behind; what cannot run in a transaction (CREATE INDEX CONCURRENTLY) cannot be a migration.
 *
 * @throws `database_unavailable` when it cannot be reached, when a migration fails, or when it has failed or unknown migrations.
 */
export async function migrate(url: string, migrations?: MigrationList): Promise<string[]> {
  const list = migrations ?? (await readMigrations());
  try {
    return await withSchemaEngine(url, async (engine, execute) => {
      // It belongs to the connection, so a process that dies lets go of it.
      await execute(`SELECT pg_advisory_lock(${lockKey})`);
      await refuseUnfitHistory(engine, list);
      const applied: string[] = [];
      // One at a time: a value added to an enum can be used only after its transaction.
      for (let count = 1; count <= list.migrationDirectories.length; count++) {
        const upTo = { ...list, migrationDirectories: list.migrationDirectories.slice(0, count) };
        applied.push(...(await applyInTransaction(engine, execute, upTo)));
      }
      return applied;
    });
  } catch (error) {
    throw databaseError(error);
  }
}

/**
 * The migrations of this version up to a level that a database or a backup has.
 * @throws `invalid_request` where the level has a migration that this version does not know.
 */
export async function migrationsUpTo(names: readonly string[]): Promise<MigrationList> {
  const list = await readMigrations();
  const known = list.migrationDirectories;
  const unknown = names.filter((name) => !known.some(({ path }) => path === name));
  if (unknown.length > 0) {
    throw new AppError("invalid_request", {
      message: `It was made by a newer Chat Arena (it has the migration ${unknown.join(", ")}); use that version.`,
    });
  }
  return { ...list, migrationDirectories: known.filter(({ path }) => names.includes(path)) };
}

/** Names of the migrations of this version, oldest first. */
export async function knownMigrations(): Promise<string[]> {
  return (await readMigrations()).migrationDirectories.map(({ path }) => path);
}

/** The migrations that the database lacks, and those that it has and this version does not know. */
export async function migrationState(url: string): Promise<{ missing: string[]; unknown: string[] }> {
  const client = new Client({ connectionString: url });
  try {
    await client.connect();
    const { rows: tables } = await client.query("SELECT to_regclass('_prisma_migrations') AS history");
    const applied =
      tables[0]?.history === null
        ? []
        : (
            await client.query<{ name: string }>(
              "SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1",
            )
          ).rows.map(({ name }) => name);
    const known = await knownMigrations();
    return {
      missing: known.filter((name) => !applied.includes(name)),
      unknown: applied.filter((name) => !known.includes(name)),
    };
  } catch (error) {
    throw databaseError(error);
  } finally {
    await client.end();
  }
}

async function applyInTransaction(
  engine: SchemaEngine,
  execute: (statement: string) => Promise<void>,
  migrationsList: MigrationList,
): Promise<string[]> {
  await execute("BEGIN");
  try {
    const result = await engine.applyMigrations({ migrationsList, filters: noFilters });
    await execute("COMMIT");
    return result.appliedMigrationNames;
  } catch (cause) {
    await execute("ROLLBACK");
    const name = migrationsList.migrationDirectories.at(-1)?.path;
    throw new AppError("database_unavailable", {
      message: `The migration ${name} failed and was rolled back: ${oneLine(cause)}`,
      cause,
    });
  }
}

async function refuseUnfitHistory(engine: SchemaEngine, list: MigrationList): Promise<void> {
  const state = await engine.diagnoseMigrationHistory({
    migrationsList: list,
    optInToShadowDatabase: false,
    filters: noFilters,
  });
  if (state.failedMigrationNames.length > 0) {
    throw new AppError("database_unavailable", {
      message: `The migration ${state.failedMigrationNames.join(", ")} failed in this database earlier; mend its cause, delete its row from _prisma_migrations and start again.`,
    });
  }
  const unknown =
    state.history && "unpersistedMigrationNames" in state.history
      ? state.history.unpersistedMigrationNames
      : [];
  if (unknown.length > 0) {
    throw newerDatabaseError(unknown);
  }
}

/** `unknown`: the migrations that the database has and this version does not know. */
export function newerDatabaseError(unknown: readonly string[]): AppError {
  return new AppError("database_unavailable", {
    message: `This database was used by a newer Chat Arena (it has the migration ${unknown.join(", ")}); start that version, or use another database.`,
  });
}

function oneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split("\n").map((line) => line.trim());
  return lines
    .filter((line) => line.length > 0)
    .join(" ")
    .slice(0, 600);
}
