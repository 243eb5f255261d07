import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { diffSchema } from "./diff-schema";
import { startEmbeddedPostgres } from "./embedded";
import { defaultLockfile, migrationsFolder } from "./schema-engine";

// The command behind `npm run db:migration -- <name>`.

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
