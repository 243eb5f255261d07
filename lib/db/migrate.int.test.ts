import { randomUUID } from "node:crypto";
import { Client, escapeIdentifier } from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { diffSchema } from "./diff-schema";
import { migrate } from "./migrate";
import { type MigrationList, readMigrations } from "./schema-engine";
import { databaseUrl, execute } from "./statement";

const { url: serverUrl, run } = inject("testServer");
const name = `${run}_migrate_${randomUUID().slice(0, 8)}`;
const url = databaseUrl(serverUrl, name);

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function withMigration(list: MigrationList, path: string, value: string): MigrationList {
  const added = { path, migrationFile: { path: "migration.sql", content: { tag: "ok" as const, value } } };
  return { ...list, migrationDirectories: [...list.migrationDirectories, added] };
}

describe("migrations", () => {
  beforeAll(() => execute(serverUrl, `CREATE DATABASE ${escapeIdentifier(name)}`));
  afterAll(() => execute(serverUrl, `DROP DATABASE ${escapeIdentifier(name)} WITH (FORCE)`));

  it("lead to schema.prisma", async () => {
    expect(await diffSchema(serverUrl)).toBeNull();
    const left = await query("SELECT datname FROM pg_database WHERE datname LIKE 'arena_scratch_%'");
    expect(left).toEqual([]);
  });

  it("are applied once by servers that start together", async () => {
    const applied = await Promise.all([migrate(url), migrate(url), migrate(url)]);
    const names = (await readMigrations()).migrationDirectories.map((directory) => directory.path);
    expect(applied.flat()).toEqual(names);
    const rows = await query(
      "SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL ORDER BY 1",
    );
    expect(rows.map((row) => row["migration_name"])).toEqual(names);
  });

  it("run as one transaction each, function bodies included", async () => {
    const body =
      "CREATE FUNCTION seven() RETURNS int LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; RETURN 7; END; $$;";
    const list = withMigration(
      await readMigrations(),
      "29990101000000_function",
      `${body} CREATE TABLE extra (id int);`,
    );
    await migrate(url, list);
    expect(await query("SELECT seven()")).toEqual([{ seven: 7 }]);
  });

  it("refuse a database of a newer version", async () => {
    await expect(migrate(url)).rejects.toMatchObject({
      code: "database_unavailable",
      message: expect.stringContaining("newer Chat Arena (it has the migration 29990101000000_function)"),
    });
    await query("DELETE FROM _prisma_migrations WHERE migration_name = '29990101000000_function'");
  });

  it("leave nothing behind when they fail, and can be mended", async () => {
    const list = await readMigrations();
    const path = "29990101000000_broken";
    const broken = withMigration(list, path, "CREATE TABLE half (id int); SELECT no_such_function();");
    await expect(migrate(url, broken)).rejects.toMatchObject({
      code: "database_unavailable",
      message: expect.stringMatching(/29990101000000_broken failed and was rolled back.*no_such_function/),
    });
    expect(await query("SELECT to_regclass('half') AS half")).toEqual([{ half: null }]);
    expect(await migrate(url, withMigration(list, path, "CREATE TABLE half (id int);"))).toEqual([path]);
    await query("DELETE FROM _prisma_migrations WHERE migration_name = '29990101000000_broken'");
  });

  it("refuse a database in which another tool left a failed one", async () => {
    await query(
      "INSERT INTO _prisma_migrations (id, checksum, migration_name, logs) VALUES ('x', 'x', '29990101000000_failed', 'why')",
    );
    const list = withMigration(await readMigrations(), "29990101000000_failed", "SELECT 1;");
    await expect(migrate(url, list)).rejects.toMatchObject({
      message: expect.stringContaining("29990101000000_failed failed in this database earlier"),
    });
  });
});
