import { mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { Client } from "pg";
import pino from "pino";
import { v7 as uuidv7 } from "uuid";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { createLeaderboard } from "@/lib/leaderboard";
import { appendChain, importVotes, verifyChain, withConnection } from "@/lib/votes";
import { backUp, restore } from "./index";

const firstRelease = fileURLToPath(new URL("testing/first-release.backup", import.meta.url));

let source: TestDatabase;
let folder: string;
let file: string;
const made: TestDatabase[] = [];

const database = async (isBare: boolean): Promise<TestDatabase> => {
  const fresh = await createTestDatabase({ isBare });
  made.push(fresh);
  return fresh;
};

/** Every row of every table as PostgreSQL writes it, with every sequence. */
async function contents(url: string): Promise<Record<string, string>> {
  return withConnection(url, async (connection) => {
    const { rows: tables } = await connection.query<{ name: string; kind: string }>(
      "SELECT relname AS name, relkind AS kind FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public' AND relkind IN ('r', 'S') AND relname <> '_prisma_migrations'",
    );
    const found: Record<string, string> = {};
    for (const { name, kind } of tables) {
      const columns = kind === "S" ? "(last_value, is_called)" : "t";
      const { rows } = await connection.query<{ text: string | null }>(
        `SELECT string_agg(${columns}::text, E'\\n' ORDER BY ${columns}::text) AS text FROM "${name}" t`,
      );
      found[name] = rows[0]?.text ?? "";
    }
    return found;
  });
}

async function board(at: TestDatabase, name: "judge" | "blind") {
  const logger = pino({ level: "silent" });
  const leaderboard = createLeaderboard({
    db: at.db,
    databaseUrl: at.url,
    secret: "0".repeat(32),
    logger,
    styleRefreshMs: 1_000,
  });
  try {
    return await leaderboard.latestFit({ board: name, category: "overall" });
  } finally {
    await leaderboard.close();
  }
}

beforeAll(async () => {
  source = await database(false);
  folder = await mkdtemp(join(inject("scratch"), "backup-"));
  file = join(folder, "site.backup");
  const votes = Array.from({ length: 600 }, (_, index) => ({
    question_id: `q${index}`,
    model_a: `m${index % 5}`,
    model_b: `m${(index * 3 + 1 + Math.floor(index / 5)) % 5}`,
    winner: ["model_a", "model_b", "tie", "tie (bothbad)"][(Math.imul(index, 2_654_435_761) >>> 9) % 4],
    judge: `arena_user_${index % 37}`,
    anony: true,
    tstamp: 1_682_351_591 + index,
  })).filter(({ model_a, model_b }) => model_a !== model_b);
  const path = join(folder, "votes.jsonl");
  await writeFile(path, votes.map((vote) => `${JSON.stringify(vote)}\n`).join(""));
  const connection = new Client({ connectionString: source.url });
  await connection.connect();
  await importVotes(connection, { file: path, source: "some", board: "judge" });
  await appendChain(connection);
  // Values that lose something in most formats.
  await connection.query(
    `INSERT INTO workers (id, instance_id, url, engine, version, device, slots, models, tokens_per_second)
     VALUES ($1, $1, E'tab\\t, "quotes", \\\\ and a line\\nbreak', '', '\\x00', '中文 👩‍👩‍👧', 1,
             '{"a": null, "b": [1.10, "\\u00e9"]}', 0.1::float8 + 0.2::float8)`,
    [uuidv7()],
  );
  await connection.query(
    "INSERT INTO visitors (id, created_at) VALUES ($1, '2026-01-01 00:00:00.123+05:30')",
    [uuidv7()],
  );
  await connection.end();
  // Its fit is kept with the site, so it must come back too.
  await board(source, "judge");
  await backUp(source.url, file, { kind: "arena" });
});
afterAll(() => Promise.all(made.map(({ drop }) => drop())));

it.each([
  ["without tables", true],
  ["that was migrated", false],
])("a backup comes back to the last digit in an empty database %s", async (_, isBare) => {
  const target = await database(isBare);
  const { rows } = await restore(target.url, file);
  expect(rows).toBeGreaterThan(600);
  expect(await contents(target.url)).toEqual(await contents(source.url));
  const expected = await board(source, "judge");
  expect(expected.votes).toBeGreaterThan(400);
  expect(await board(target, "judge")).toEqual(expected);
  const { problems, head } = await withConnection(target.url, (connection) => verifyChain(connection));
  expect(problems).toEqual([]);
  expect(head.seq).toBeGreaterThan(400);
});

it("the file is for its owner alone, and is never written over", async () => {
  expect((await stat(file)).mode & 0o077).toBe(0);
  await expect(backUp(source.url, file)).rejects.toThrow("exists already");
});

it("triggers and references are back after a restore", async () => {
  const target = await database(true);
  await restore(target.url, file);
  const shape = (url: string) =>
    withConnection(url, async (connection) => {
      const { rows } = await connection.query(
        "SELECT tgrelid::regclass::text, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2",
      );
      const references = await connection.query(
        "SELECT conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint WHERE contype = 'f' ORDER BY 1",
      );
      return { triggers: rows, references: references.rows };
    });
  expect(await shape(target.url)).toEqual(await shape(source.url));
});

it("what holds votes is not replaced unless that is said", async () => {
  const target = await database(false);
  await restore(target.url, file);
  const before = await contents(target.url);
  await expect(restore(target.url, file)).rejects.toThrow("external_votes has rows");
  await withConnection(target.url, (connection) =>
    connection.query("UPDATE models SET display_name = 'changed'"),
  );
  await restore(target.url, file, { isReplacing: true });
  expect(await contents(target.url)).toEqual(before);
});

it("a file that was cut or changed leaves the database as it was", async () => {
  const bytes = await readFile(file);
  const text = gunzipSync(bytes).toString("utf8");
  const broken = {
    cut: bytes.subarray(0, bytes.length - 40),
    changed: gzipSync(text.replace("arena_user_", "arena_used_").replace('"m1"', '"m9"')),
    short: gzipSync(`${text.split("\n").slice(0, 3).join("\n")}\n`),
    "no backup": Buffer.from("SELECT 1;"),
  };
  for (const [name, content] of Object.entries(broken)) {
    const path = join(folder, `${name}.backup`);
    await writeFile(path, content);
    const target = await database(true);
    await expect(restore(target.url, path)).rejects.toMatchObject({ code: "invalid_request" });
    expect(await contents(target.url)).toEqual({});
  }
});

it("a site of the first release moves to this one with every vote", async () => {
  const target = await database(true);
  const { rows, migrated } = await restore(target.url, firstRelease);
  expect(rows).toBe(3 + 6 + 12 + 12 + 24 + 12 + 3 + 1);
  expect(migrated.length).toBeGreaterThanOrEqual(6);
  expect(await target.db.vote.count()).toBe(12);
  const connection = new Client({ connectionString: target.url });
  await connection.connect();
  try {
    await appendChain(connection);
    expect((await verifyChain(connection)).problems).toEqual([]);
  } finally {
    await connection.end();
  }
  expect(await board(target, "blind")).toMatchObject({ votes: 12 });
  const [answer] = await target.db.response.findMany({ where: { side: "a" }, take: 1 });
  expect(answer).toMatchObject({ firstTokenMs: 0.3, text: expect.stringMatching(/^Answer a/) });
});

it("a database with somebody else's tables is refused, and keeps them", async () => {
  const target = await database(true);
  await withConnection(target.url, (connection) =>
    connection.query("CREATE TABLE invoices AS SELECT 1 AS number"),
  );
  await expect(restore(target.url, file)).rejects.toThrow("invoices");
  const { rows } = await withConnection(target.url, (connection) =>
    connection.query("SELECT number FROM invoices"),
  );
  expect(rows).toEqual([{ number: 1 }]);
});

it("a backup of a newer version is refused with its name", async () => {
  const [header = "", ...rest] = gunzipSync(await readFile(file))
    .toString("utf8")
    .split("\n");
  const newer = header.replace('"migrations":[', '"migrations":["29990101000000_future",');
  const { createHash } = await import("node:crypto");
  const lines = [newer, ...rest.slice(0, -2)];
  const sha256 = createHash("sha256")
    .update(`${lines.join("\n")}\n`)
    .digest("hex");
  const end = JSON.stringify({ ...(JSON.parse(rest.at(-2) ?? "") as object), sha256 });
  const path = join(folder, "newer.backup");
  await writeFile(path, gzipSync(`${[...lines, end].join("\n")}\n`));
  const target = await database(true);
  await expect(restore(target.url, path)).rejects.toThrow("29990101000000_future");
});
