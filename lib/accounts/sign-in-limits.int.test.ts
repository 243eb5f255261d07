import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { type Challenge, challengeHeader, challengeSchema, leadingZeroBits, proofText } from "@/lib/protocol";
import { createAttempts, type ProofOfWork } from "./auth/attempts";
import { newEmail, signInServer, testBrowser } from "./testing/sign-in-server";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const noChallenges: ProofOfWork = {
  issue: () => {
    throw new Error("Nobody needs one here.");
  },
  spend: async () => false,
};

function solve({ challenge, bits }: Challenge): string {
  for (let answer = 0; ; answer++) {
    const hash = createHash("sha256").update(proofText(challenge, answer)).digest();
    if (leadingZeroBits(hash) >= bits) return `${challenge}:${answer}`;
  }
}

const challengeOf = ({ body }: { body: Record<string, unknown> }): Challenge =>
  z.object({ error: z.object({ details: z.object({ challenge: challengeSchema }) }) }).parse(body).error
    .details.challenge;

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

  it("from however many networks locks nobody out: it costs work instead, the owner's tries too", async () => {
    const site = await signInServer(database.db);
    const owner = testBrowser(site, "198.51.100.8");
    const email = await owner.signUp();
    const statuses: number[] = [];
    for (let network = 0; network < 8; network += 1) {
      const guesser = testBrowser(site, `192.0.${network}.1`);
      for (let attempt = 0; attempt < 8; attempt += 1)
        statuses.push((await guesser.signIn(email, `guess ${network} ${attempt}`)).status);
    }
    // The sign-up was the first of sixty.
    expect(statuses.filter((status) => status === 401)).toHaveLength(60);
    expect(new Set(statuses.slice(60))).toEqual(new Set([428]));

    const asked = await owner.signIn(email);
    expect(asked).toMatchObject({ status: 428, code: "challenge_required" });
    const solution = solve(challengeOf(asked));
    // A proof is one try's, and does not make a wrong password right.
    const guesser = testBrowser(site, "192.0.9.1");
    const own = solve(challengeOf(await guesser.signIn(email, "wrong")));
    expect((await guesser.signIn(email, "wrong", { [challengeHeader]: own })).status).toBe(401);
    expect((await guesser.signIn(email, "wrong", { [challengeHeader]: own })).status).toBe(428);
    expect((await owner.signIn(email, undefined, { [challengeHeader]: solution })).status).toBe(200);
    // Being asked counts as no try, neither of the account nor of the network.
    for (let attempt = 0; attempt < 20; attempt += 1) expect((await owner.signIn(email)).status).toBe(428);
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
    const attempts = createAttempts(
      database.db,
      "k".repeat(32),
      noChallenges,
      () => new Date("2026-03-01T12:00:00Z"),
    );
    const all = Array.from({ length: 30 }, () => attempts.signIn("race@example.org", "192.0.2.1"));
    const results = await Promise.allSettled(all);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(8);
  });

  it("is free again when the window has slid on, not before", async () => {
    const clock = { now: new Date("2026-03-01T12:00:00Z") };
    const attempts = createAttempts(database.db, "l".repeat(32), noChallenges, () => clock.now);
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
