import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { access, mkdtemp, readFile, realpath, stat, truncate, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import {
  closeDatabase,
  createDatabase,
  type Database,
  type EmbeddedPostgres,
  knownMigrations,
  migrate,
  migrationsUpTo,
  startEmbeddedPostgres,
} from "@/lib/db";
import { databaseUrl, execute } from "@/lib/db/testing";
import { verifyChain, withConnection } from "@/lib/votes";
import { backUp, restore } from "./index";
import { contents, fillSite, fitOf } from "./testing/filled-site";

const run = promisify(execFile);

/** A PostgreSQL of this machine with all its tools; null where there is none. npm's has a server alone. */
async function findPostgres(): Promise<{ initdb: string; postgres: string } | null> {
  const { stdout: found } = await run("sh", ["-c", "command -v pg_dump || true"]);
  if (found === "") return null;
  const folders = [dirname(await realpath(found.trim())), `/usr/lib/postgresql/${await toolVersion()}/bin`];
  const folder = folders.find(
    (path) => existsSync(join(path, "initdb")) && existsSync(join(path, "postgres")),
  );
  if (folder === undefined) return null;
  return { initdb: join(folder, "initdb"), postgres: join(folder, "postgres") };
}

async function toolVersion(): Promise<number> {
  const { stdout } = await run("pg_dump", ["--version"]);
  return Number(/\) (\d+)/.exec(stdout)?.[1]);
}

const binaries = await findPostgres();
if (binaries === null) {
  process.stderr.write("No PostgreSQL with pg_dump on this machine: its backups are not tested here.\n");
}

describe.skipIf(binaries === null)("a backup by pg_dump", () => {
  let server: EmbeddedPostgres;
  let folder: string;
  let file: string;
  let source: { url: string; db: Database };
  const opened: Database[] = [];
  let count = 0;

  const database = async (): Promise<{ url: string; db: Database }> => {
    const name = `site_${++count}`;
    await execute(server.superuserUrl, `CREATE DATABASE ${name}`);
    const url = databaseUrl(server.superuserUrl, name);
    const db = createDatabase(url);
    opened.push(db);
    return { url, db };
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(inject("scratch"), "pg-dump-"));
    server = await startEmbeddedPostgres({
      ...{ directory: join(folder, "own", "postgres"), password: "of the test", isTemporary: true },
      binaries: binaries ?? undefined,
    });
    source = await database();
    await migrate(source.url);
    await fillSite(source.url, folder);
    await fitOf(source, "judge");
    file = join(folder, "site.backup");
    expect(await backUp(source.url, file)).toEqual({ kind: "pg_dump", rows: null });
  });
  afterAll(async () => {
    await Promise.all(opened.map(closeDatabase));
    await server.stop({ hurry: true });
  });

  it.each([
    ["without tables", false],
    ["that was migrated", true],
  ])("comes back to the last digit in an empty database %s", async (_, isMigrated) => {
    const target = await database();
    if (isMigrated) await migrate(target.url);
    expect(await restore(target.url, file)).toEqual({ kind: "pg_dump", rows: null, migrated: [] });
    expect(await contents(target.url)).toEqual(await contents(source.url));
    const expected = await fitOf(source, "judge");
    expect(expected.votes).toBeGreaterThan(400);
    expect(await fitOf(target, "judge")).toEqual(expected);
    const { problems } = await withConnection(target.url, (connection) => verifyChain(connection));
    expect(problems).toEqual([]);
  });

  it("is for its owner alone, and leaves no half file when it fails", async () => {
    expect((await stat(file)).mode & 0o077).toBe(0);
    const nowhere = join(folder, "nowhere.backup");
    const gone = databaseUrl(source.url, "no_such_database");
    await expect(backUp(gone, nowhere, { kind: "pg_dump" })).rejects.toThrow("no_such_database");
    await expect(access(nowhere)).rejects.toThrow();
    await expect(access(`${nowhere}.partial`)).rejects.toThrow();
  });

  it("does not take the place of votes unless that is said", async () => {
    const target = await database();
    await restore(target.url, file);
    await withConnection(target.url, (connection) =>
      connection.query("UPDATE models SET display_name = 'changed'"),
    );
    const before = await contents(target.url);
    await expect(restore(target.url, file)).rejects.toThrow("external_votes has rows");
    expect(await contents(target.url)).toEqual(before);
    await restore(target.url, file, { isReplacing: true });
    expect(await contents(target.url)).toEqual(await contents(source.url));
    const schemas = await withConnection(target.url, async (connection) => {
      const { rows } = await connection.query("SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_'");
      return rows.map(({ nspname }) => nspname).sort();
    });
    expect(schemas).toEqual(["information_schema", "public"]);
  });

  it("of an older version takes the place of a newer site, and is brought to this version", async () => {
    const names = await knownMigrations();
    const older = await database();
    await migrate(older.url, await migrationsUpTo(names.slice(0, -3)));
    const old = join(folder, "older.backup");
    await backUp(older.url, old, { kind: "pg_dump" });
    const target = await database();
    await restore(target.url, file);
    const { migrated } = await restore(target.url, old, { isReplacing: true });
    expect(migrated).toEqual(names.slice(-3));
    expect((await contents(target.url))["external_votes"]).toBe("");
  });

  it("that was cut, or is of something else, leaves what was there", async () => {
    const cut = join(folder, "cut.backup");
    await writeFile(cut, await readFile(file));
    await truncate(cut, Math.floor((await stat(file)).size * 0.7));
    const other = await database();
    await withConnection(other.url, (connection) =>
      connection.query("CREATE TABLE invoices AS SELECT 1 AS n"),
    );
    const foreign = join(folder, "foreign.backup");
    await backUp(other.url, foreign, { kind: "pg_dump" });
    const target = await database();
    await restore(target.url, file);
    const before = await contents(target.url);
    for (const [path, message] of [
      [cut, "pg_restore refused"],
      [foreign, "no backup of a Chat Arena"],
    ] as const) {
      const attempt = restore(target.url, path, { isReplacing: true });
      await expect(attempt).rejects.toMatchObject({
        code: "invalid_request",
        message: expect.stringContaining(message),
      });
      expect(await contents(target.url)).toEqual(before);
    }
  });

  it("of a newer version is refused with its name", async () => {
    const future = await database();
    await migrate(future.url);
    const last = (await knownMigrations()).at(-1);
    await withConnection(future.url, (connection) =>
      connection.query(
        "UPDATE _prisma_migrations SET migration_name = '29990101000000_future' WHERE migration_name = $1",
        [last],
      ),
    );
    const newer = join(folder, "newer.backup");
    await backUp(future.url, newer, { kind: "pg_dump" });
    const target = await database();
    await expect(restore(target.url, newer)).rejects.toThrow("29990101000000_future");
    expect(await contents(target.url)).toEqual({});
  });

  it("can be cancelled, and leaves what was there", async () => {
    const target = await database();
    await restore(target.url, file);
    const before = await contents(target.url);
    const cancelled = AbortSignal.abort();
    await expect(restore(target.url, file, { isReplacing: true, signal: cancelled })).rejects.toThrow(
      "aborted",
    );
    expect(await contents(target.url)).toEqual(before);
    const fresh = join(folder, "cancelled.backup");
    await expect(backUp(source.url, fresh, { signal: cancelled })).rejects.toThrow("aborted");
    await expect(access(fresh)).rejects.toThrow();
  });

  it("is for servers of the tools' own version alone", async () => {
    const { url } = inject("testServer");
    const version = await withConnection(url, async (connection) => {
      const { rows } = await connection.query<{ server_version: string }>("SHOW server_version");
      return Number.parseInt(rows[0]?.server_version ?? "", 10);
    });
    const attempt = backUp(url, join(folder, "another.backup"), { kind: "pg_dump" });
    const outcome = attempt.then(() => "taken").catch(({ message }: Error) => message);
    const isSame = version === (await toolVersion());
    expect(await outcome).toContain(isSame ? "taken" : "no pg_dump here of the same major version");
  });
});
