import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startEmbeddedPostgres } from "./embedded";
import {
  defaultLockfile,
  type MigrationList,
  migrationsFolder,
  noFilters,
  readMigrations,
  readSchema,
  withSchemaEngine,
} from "./schema-engine";

/**
 * The SQL that leads from the migrations to schema.prisma; null when there is nothing to do.
 * What the schema cannot say, such as CHECK constraints, is neither seen nor undone.
 */
export async function diffSchema(url: string, migrations?: MigrationList): Promise<string | null> {
  const from = { tag: "migrations" as const, ...(migrations ?? (await readMigrations())) };
  const to = { tag: "schemaDatamodel" as const, ...(await readSchema()) };
  return await withSchemaEngine(url, async (engine) => {
    const result = await engine.diff({ from, to, script: true, exitCode: true, filters: noFilters });
    // 2: not empty, as in `prisma migrate diff --exit-code`.
    return result.exitCode === 2 ? (result.stdout ?? "") : null;
  });
}

/** Writes the next migration from schema.prisma and returns its name; null when there is nothing to do. */
async function makeMigration(title: string, now: Date): Promise<string | null> {
  const folder = await mkdtemp(join(tmpdir(), "arena-migration-"));
  const postgres = await startEmbeddedPostgres({
    directory: join(folder, "postgres"),
    password: "scratch",
    isTemporary: true,
  });
  try {
    const script = await diffSchema(postgres.superuserUrl);
    if (script === null) return null;
    const stamp = now.toISOString().replace(/\D/g, "").slice(0, 14);
    const name = `${stamp}_${title.toLowerCase().replace(/[^a-z0-9]+/g, "_")}`;
    await mkdir(join(migrationsFolder, name), { recursive: true });
    await writeFile(join(migrationsFolder, name, "migration.sql"), script);
    await writeFile(join(migrationsFolder, "migration_lock.toml"), defaultLockfile);
    return name;
  } finally {
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const title = process.argv[2];
  if (title === undefined || title.startsWith("-")) {
    process.stderr.write("Name the migration: npm run db:migration -- add_votes\n");
    process.exitCode = 1;
  } else {
    const name = await makeMigration(title, new Date());
    process.stdout.write(
      name === null
        ? "The migrations lead to schema.prisma; there is nothing to do.\n"
        : `Made prisma/migrations/${name}\n`,
    );
  }
}
