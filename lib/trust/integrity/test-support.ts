import { Client } from "pg";
import pino from "pino";
import { afterAll, beforeAll, expect } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { storedAndRecounted } from "@/lib/leaderboard/test-support";
import { defaultSettings } from "@/lib/settings";
import { verifyChain } from "@/lib/votes";
import { createIntegrityKeeper } from "./keep-integrity";

export const secret = "s".repeat(32);
export const logger = pino({ level: "silent" });

/** A database of the file's own, with a connection beside the pool, and judges of its votes. Call once at the top. */
export function integrityRig() {
  let database: TestDatabase;
  let connection: Client;
  beforeAll(async () => {
    database = await createTestDatabase();
    connection = new Client({ connectionString: database.url });
    await connection.connect();
  });
  afterAll(async () => {
    await connection.end();
    await database.drop();
  });

  /** One that finds no vote too fast, unless told otherwise. */
  function keeper(change: Partial<ReturnType<typeof defaultSettings>["integrity"]> = {}) {
    const integrity = {
      ...defaultSettings().integrity,
      minVoteMs: 0,
      maxCharactersPerSecond: 1_000_000,
      ...change,
    };
    return createIntegrityKeeper({ db: database.db, secret, integrity: () => integrity, logger });
  }

  async function expectCountsToAgree(): Promise<void> {
    const { stored, recounted } = await storedAndRecounted(database.db);
    expect(stored).toEqual(recounted);
    expect((await verifyChain(connection)).problems).toEqual([]);
  }

  return {
    get db() {
      return database.db;
    },
    get connection() {
      return connection;
    },
    ...{ keeper, expectCountsToAgree },
  };
}
