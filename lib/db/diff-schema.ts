import { type MigrationList, noFilters, readMigrations, readSchema, withSchemaEngine } from "./schema-engine";

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
