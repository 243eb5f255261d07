import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { changeKey, listKeys, revokeKey } from "@/lib/accounts";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { createTestKey, createTestServer, type TestServer, whenListening } from "./test-support";

let database: TestDatabase;
const servers: TestServer[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
afterEach(async () => {
  for (const { accounts } of servers.splice(0)) await accounts.close();
});

function serve(): TestServer {
  const server = createTestServer(database.db, database.url);
  servers.push(server);
  return server;
}

const invalid = { code: "invalid_api_key" };

describe("an API key", () => {
  it("is stored as a hash, found by its prefix, and shown once", async () => {
    const { db } = database;
    const { key, secret } = await createTestKey(db, { models: ["demo-*"], requestsPerDay: 5 });
    expect(JSON.stringify(key)).not.toContain(secret.slice(21));
    const row = await db.apiKey.findUniqueOrThrow({ where: { id: key.id } });
    expect(row.hash).toHaveLength(32);
    expect(JSON.stringify({ ...row, hash: Buffer.from(row.hash).toString() })).not.toContain(
      secret.slice(21),
    );
    expect((await listKeys(db, { ownerLabel: "lab" })).map(({ id }) => id)).toContain(key.id);

    const { callerOf } = serve();
    expect(await callerOf(secret)).toMatchObject({
      kind: "key",
      keyId: key.id,
      ownerLabel: "lab",
      scopes: { models: ["demo-*"], pools: null, endpoints: null, allowExperimental: false },
      limits: { requestsPerDay: 5, tokensPerDay: null },
    });
  });

  it("is known without a promise once it is in use", async () => {
    const { secret } = await createTestKey(database.db);
    const { accounts, callerOf } = serve();
    const caller = await callerOf(secret);
    expect(accounts.verifyKey(secret, {})).toBe(caller);
  });

  it("is refused with another secret, after its end, and when it does not exist", async () => {
    const { secret } = await createTestKey(database.db, { expiresAt: new Date(Date.now() - 1_000) });
    const { callerOf, accounts } = serve();
    await expect(callerOf(`${secret.slice(0, 21)}${"A".repeat(43)}`)).rejects.toMatchObject({
      ...invalid,
      message: "Incorrect API key provided.",
    });
    expect(() => accounts.verifyKey(secret, {})).toThrow("expired");
    await expect(callerOf(`sk-arena-${"0".repeat(12)}${"A".repeat(43)}`)).rejects.toMatchObject(invalid);
    expect(accounts.verifyKey("sk-something-else", {})).toBeNull();
  });

  it("that is revoked is refused by every server that listens, at once", async () => {
    const { db } = database;
    const { key, secret } = await createTestKey(db);
    const [one, two] = [serve(), serve()];
    for (const { accounts } of [one, two]) await accounts.start();
    await whenListening(db, 2);
    await one.callerOf(secret);
    await two.callerOf(secret);
    const revoked = await revokeKey(db, key.prefix);
    expect(revoked.revokedAt).not.toBeNull();
    // Far sooner than the five seconds after which each would have looked by itself.
    for (const { callerOf } of [one, two]) {
      await vi.waitFor(() => expect(callerOf(secret)).rejects.toMatchObject(invalid), {
        timeout: 2_000,
        interval: 10,
      });
    }
    expect((await revokeKey(db, key.id)).revokedAt).toEqual(revoked.revokedAt);
  });

  it("is changed without a restart, and only where it was asked for", async () => {
    const { db } = database;
    const { key, secret } = await createTestKey(db, { requestsPerMinute: 10, models: ["a"] });
    const { accounts, callerOf } = serve();
    await accounts.start();
    await whenListening(db, 1);
    await callerOf(secret);
    await changeKey(db, key.prefix, { requestsPerMinute: null, endpoints: ["chat"] });
    await vi.waitFor(
      async () =>
        expect(await callerOf(secret)).toMatchObject({
          scopes: { models: ["a"], endpoints: ["chat"] },
          limits: { requestsPerMinute: null },
        }),
      { timeout: 2_000, interval: 10 },
    );
  });

  it("is not made or changed with settings that mean nothing", async () => {
    const { db } = database;
    for (const settings of [
      { name: "" },
      { models: ["a b"] },
      { requestsPerDay: 0 },
      { endpoints: ["admin" as "chat"] },
      { pools: ["A pool"] },
      { ownerLabel: "a\nb" },
    ]) {
      await expect(createTestKey(db, settings)).rejects.toMatchObject({ code: "invalid_request" });
    }
    await expect(revokeKey(db, "sk-arena-000000000000")).rejects.toMatchObject({ code: "not_found" });
  });
});
