import pino from "pino";
import { v7 as uuidv7 } from "uuid";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { readServerEnv } from "@/lib/env";
import { buildSite, type Site } from "./build-site";

let database: TestDatabase;
let site: Site | null = null;
const logged: string[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  await site?.close();
  site = null;
  logged.length = 0;
  await database.drop();
});

/** A site on a machine whose clock says so from its start on. */
async function siteWithClock(now: () => number): Promise<string> {
  const env = readServerEnv({
    ...{ DATABASE_URL: database.url, PORT: "0", ARENA_SECRET: "clock-test-secret-0123456789-abcdef" },
    ...{ ARENA_JOIN_TOKEN: "j".repeat(20), ARENA_DRAIN_MS: "0" },
  });
  site = await buildSite({
    ...{ env, db: database.db, now, pages: async () => undefined },
    logger: pino({ level: "warn" }, { write: (line) => void logged.push(line) }),
  });
  return site.listen();
}

const ready = async (url: string) => {
  const response = await fetch(`${url}/readyz`);
  return { code: response.status, ...((await response.json()) as object) };
};

it("a clock that was an hour behind at the start is told at once, and the site serves on", async () => {
  const url = await siteWithClock(() => Date.now() - 3_600_000);
  const { clockDifferenceMs, ...said } = (await ready(url)) as Record<string, unknown>;
  expect(said).toMatchObject({ code: 200, status: "ok", clock: "off" });
  expect(Math.abs(Number(clockDifferenceMs) - 3_600_000)).toBeLessThan(2_000);
  expect(logged.filter((line) => line.includes("do not agree"))).toHaveLength(1);
  // No model is served here: what gets through ends with 503, and nothing else.
  const battle = await fetch(`${url}/api/battles`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ prompt: "Hi", idempotencyKey: uuidv7() }),
  });
  expect(await battle.json()).toMatchObject({ error: { code: "not_enough_models" } });
});

it("a clock that agrees is not spoken of", async () => {
  const url = await siteWithClock(Date.now);
  expect(await ready(url)).toMatchObject({ code: 200, clock: "ok" });
  expect(logged.filter((line) => line.includes("do not agree"))).toEqual([]);
});
