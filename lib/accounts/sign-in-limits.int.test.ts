import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { createAttempts } from "./auth/attempts";
import { newEmail, signInServer, testBrowser } from "./testing/sign-in-server";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

describe("trying passwords", () => {
  it("has one limit for all servers, says how long it holds, and leaves the owner's own network alone", async () => {
    const servers = [await signInServer(database.db), await signInServer(database.db)] as const;
    const owner = testBrowser(servers[0], "198.51.100.7");
    const email = await owner.signUp();
    const tries = [];
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const server = servers[attempt % 2] ?? servers[0];
      // A new address each time, of one network.
      const guesser = testBrowser(server, `203.0.113.${attempt}`);
      tries.push(await guesser.signIn(email, `guess number ${attempt}`));
    }
    expect(tries.map(({ status }) => status)).toEqual([...Array(8).fill(401), 429, 429]);
    const { code, body, headers } = tries[9] ?? {};
    expect(code).toBe("rate_limited");
    expect(Number(headers?.["retry-after"])).toBeGreaterThan(0);
    expect(Number(headers?.["retry-after"])).toBeLessThanOrEqual(30 * 60);
    // Not even the right password: what it says then would be an oracle.
    expect((await testBrowser(servers[1], "203.0.113.200").signIn(email)).status).toBe(429);
    expect((await owner.signIn(email)).status).toBe(200);
    expect(JSON.stringify(body)).not.toContain(email);
  });

  it("is limited for an address that nobody has just as well", async () => {
    const site = await signInServer(database.db);
    const guesser = testBrowser(site);
    const email = newEmail();
    const statuses = [];
    for (let attempt = 0; attempt < 9; attempt += 1) statuses.push((await guesser.signIn(email)).status);
    expect(statuses).toEqual([...Array(8).fill(401), 429]);
  });

  it("counts what comes at the same time one by one", async () => {
    const attempts = createAttempts(database.db, "k".repeat(32), () => new Date("2026-03-01T12:00:00Z"));
    const all = Array.from({ length: 30 }, () => attempts.signIn("race@example.org", "192.0.2.1"));
    const results = await Promise.allSettled(all);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(8);
  });

  it("is free again when the window has slid on, not before", async () => {
    const clock = { now: new Date("2026-03-01T12:00:00Z") };
    const attempts = createAttempts(database.db, "l".repeat(32), () => clock.now);
    const attempt = () => attempts.signIn("slide@example.org", "192.0.2.9");
    for (let count = 0; count < 8; count += 1) await attempt();
    const refused = await attempt().catch((error: unknown) => error);
    const { retryAfterSeconds } = (refused as { details: { retryAfterSeconds: number } }).details;
    clock.now = new Date(clock.now.getTime() + (retryAfterSeconds - 30) * 1000);
    await expect(attempt()).rejects.toMatchObject({ code: "rate_limited" });
    clock.now = new Date("2026-03-01T12:30:00Z");
    await expect(attempt()).resolves.toBeUndefined();
  });

  it("leaves neither an address nor an e-mail in the table", async () => {
    const rows = await database.db.$queryRaw<{ text: string }[]>`
      SELECT convert_from(decode(encode(key, 'hex'), 'escape'), 'latin1') AS text FROM auth_attempts`;
    expect(rows.length).toBeGreaterThan(0);
    expect(JSON.stringify(rows)).not.toMatch(/example|203\.0|192\.0/);
  });
});
