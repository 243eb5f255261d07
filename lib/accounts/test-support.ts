import { Registry } from "prom-client";
import { vi } from "vitest";
import { type Accounts, type AccountsDeps, createAccounts, createKey } from "@/lib/accounts";
import type { Database } from "@/lib/db";
import type { ApiCaller } from "./accounting-types";
import type { CreateKeyInput } from "./api-keys/key-settings";

/** For tests: the accounts of one server process, as the composition root makes them, on a given database. */
export type TestServer = {
  accounts: Accounts;
  metrics: Registry;
  log: string[];
  /** As a request does it. */
  callerOf(secret: string): Promise<ApiCaller>;
};

export const testJoinToken = "join-token-of-the-tests";

export function createTestServer(
  db: Database,
  databaseUrl: string,
  tokenLimitOf?: AccountsDeps["tokenLimitOf"],
): TestServer {
  const log: string[] = [];
  const metrics = new Registry();
  const note = (_fields: object, message: string) => log.push(message);
  const accounts = createAccounts({
    db,
    databaseUrl,
    joinToken: testJoinToken,
    tokenLimitOf,
    logger: { info: note, warn: note, error: note },
    metrics,
  });
  return {
    accounts,
    metrics,
    log,
    callerOf: async (secret) => {
      const caller = await accounts.verifyKey(secret, {});
      if (caller === null) throw new Error("That has not the shape of a key.");
      return caller;
    },
  };
}

export async function createTestKey(db: Database, settings: Partial<CreateKeyInput> = {}) {
  return await createKey(db, { name: "test", ownerLabel: "lab", ...settings });
}

/** Until a connection of this database listens on the channel. */
export async function whenListening(db: Database, count: number): Promise<void> {
  await vi.waitFor(
    async () => {
      const rows = await db.$queryRaw<{ n: number }[]>`
        SELECT count(*)::int AS n FROM pg_stat_activity
        WHERE datname = current_database() AND query = 'LISTEN "api_keys_changed"' AND state = 'idle'`;
      if ((rows[0]?.n ?? 0) < count) throw new Error("Not all servers listen yet.");
    },
    { timeout: 10_000, interval: 20 },
  );
}
// Tests of other folders sign people in too.
export { newEmail, signInServer, testBrowser, testPassword } from "./testing/sign-in-server";
export { mergeVisitor } from "./visitors/merge-visitor";
