import { randomUUID } from "node:crypto";
import { escapeIdentifier } from "pg";
import { inject } from "vitest";
import { closeDatabase, createDatabase, type Database } from "./database";
import { databaseUrl, execute } from "./statement";

export { databaseUrl, execute };

export type TestDatabase = {
  url: string;
  db: Database;
  /** Closes `db` and removes the database. */
  drop: () => Promise<void>;
};

/**
 * A migrated, empty database of the caller's own, copied from a template in a few dozen milliseconds; `isBare`: without tables. Only in files that end in
 * `.int.test.ts`: `test-server.ts` starts the server for them.
 *
 * ```ts
 * const { db, url, drop } = await createTestDatabase();
 * afterAll(drop);
 * ```
 */
export async function createTestDatabase({ isBare = false } = {}): Promise<TestDatabase> {
  const { url: serverUrl, run, template } = inject("testServer");
  const name = `${run}_${randomUUID().slice(0, 8)}`;
  await execute(
    serverUrl,
    `CREATE DATABASE ${escapeIdentifier(name)} TEMPLATE ${escapeIdentifier(isBare ? "template1" : template)}`,
  );
  const url = databaseUrl(serverUrl, name);
  const db = createDatabase(url);
  const drop = async (): Promise<void> => {
    await closeDatabase(db);
    await execute(serverUrl, `DROP DATABASE IF EXISTS ${escapeIdentifier(name)} WITH (FORCE)`);
  };
  return { url, db, drop };
}
