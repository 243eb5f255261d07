import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, escapeIdentifier } from "pg";
import type { TestProject } from "vitest/node";
import { readTestEnv } from "@/lib/env";
import { startEmbeddedPostgres } from "./embedded";
import { migrate } from "./migrate";
import { databaseUrl, execute } from "./statement";

declare module "vitest" {
  // biome-ignore lint/style/useConsistentTypeDefinitions: only an interface can be merged into vitest's.
  export interface ProvidedContext {
    /** A server whose user may create databases, the prefix of this run's databases, and the migrated one to copy. */
    testServer: { url: string; run: string; template: string };
    /** A folder for the files of tests. It goes with the embedded server, also when the run is interrupted. */
    scratch: string;
  }
}

/**
 * One PostgreSQL for the whole test run: ARENA_TEST_DATABASE_URL, else an embedded one that dies with this process.
 * Vitest's global set-up of the integration tests.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "arena-test-"));
  const server = await startServer(folder);
  const number = Number.parseInt(randomUUID().slice(0, 7), 16);
  const run = `arena_test_${number}`;
  const template = `${run}_template`;
  const claim = await claimRun(server.url, number);
  await execute(server.url, `CREATE DATABASE ${escapeIdentifier(template)}`);
  await migrate(databaseUrl(server.url, template));
  project.provide("scratch", folder);
  project.provide("testServer", { url: server.url, run, template });
  return async () => {
    await dropDatabasesOf(claim, run);
    await claim.end();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
}

async function startServer(folder: string): Promise<{ url: string; stop: () => Promise<void> }> {
  const given = readTestEnv().ARENA_TEST_DATABASE_URL;
  if (given !== undefined) return { url: given, stop: async () => undefined };
  const postgres = await startEmbeddedPostgres({
    directory: join(folder, "postgres"),
    password: randomUUID(),
    isTemporary: true,
  });
  return { url: postgres.superuserUrl, stop: () => postgres.stop({ hurry: true }) };
}

/**
 * Marks this run's databases as in use by a lock that ends with the connection, and removes those of runs that were killed: nobody holds
 * their locks.
 */
async function claimRun(url: string, number: number): Promise<Client> {
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query("SELECT pg_advisory_lock($1)", [number]);
  const { rows } = await client.query<{ datname: string }>(
    "SELECT datname FROM pg_database WHERE datname ~ '^arena_test_[0-9]+_template$'",
  );
  for (const { datname } of rows) {
    const other = Number(datname.split("_")[2]);
    const lock = await client.query<{ free: boolean }>("SELECT pg_try_advisory_lock($1) AS free", [other]);
    if (lock.rows[0]?.free) await dropDatabasesOf(client, `arena_test_${other}`);
  }
  return client;
}

/** The template last: while it is there, a later run finds the others. */
async function dropDatabasesOf(client: Client, run: string): Promise<void> {
  const { rows } = await client.query<{ datname: string }>(
    "SELECT datname FROM pg_database WHERE starts_with(datname, $1) ORDER BY datname LIKE '%template'",
    [`${run}_`],
  );
  for (const { datname } of rows) {
    await client.query(`DROP DATABASE IF EXISTS ${escapeIdentifier(datname)} WITH (FORCE)`);
  }
}
