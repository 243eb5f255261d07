import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { Client } from "pg";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { createTestDatabase, type TestDatabase } from "@/lib/db/testing";
import { appendChain, verifyChain, withConnection } from "@/lib/votes";
import { backUp, restore } from "./index";
import { contents, fillSite, fitOf } from "./testing/filled-site";

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

beforeAll(async () => {
  source = await database(false);
  folder = await mkdtemp(join(inject("scratch"), "backup-"));
  file = join(folder, "site.backup");
  await fillSite(source.url, folder);
  // Its fit is kept with the site, so it must come back too.
  await fitOf(source, "judge");
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
  const expected = await fitOf(source, "judge");
  expect(expected.votes).toBeGreaterThan(400);
  expect(await fitOf(target, "judge")).toEqual(expected);
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
  expect(await fitOf(target, "blind")).toMatchObject({ votes: 12 });
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

it("images are more than one line takes, and come back", async () => {
  const [from, target] = [await database(false), await database(true)];
  await withConnection(from.url, async (connection) => {
    const visitor = "01900000-0000-7000-8000-000000000001";
    await connection.query("INSERT INTO visitors (id) VALUES ($1)", [visitor]);
    // 6 × 1.5 MB of noise: three lines at least, where one batch of rows would be a single one.
    for (let index = 0; index < 6; index += 1) {
      await connection.query(
        `INSERT INTO attachments (id, visitor_id, content_type, width, height, size, bytes)
         VALUES (gen_random_uuid(), $1, 'image/png', 1, 1, $2, $3)`,
        [visitor, 1_500_000, randomBytes(1_500_000)],
      );
    }
  });
  const path = join(folder, "images.backup");
  await backUp(from.url, path, { kind: "arena" });
  const lengths = gunzipSync(await readFile(path))
    .toString("latin1")
    .split("\n")
    .map((line) => line.length);
  expect(Math.max(...lengths)).toBeLessThan(8 * 1024 * 1024);
  await restore(target.url, path);
  expect((await contents(target.url))["attachments"]).toBe((await contents(from.url))["attachments"]);
});

it("what else was in a database without tables outlives a restore that fails", async () => {
  const target = await database(true);
  await withConnection(target.url, (connection) =>
    connection.query("CREATE FUNCTION answer() RETURNS int LANGUAGE sql AS 'SELECT 42'"),
  );
  const bytes = gunzipSync(await readFile(file)).toString("utf8");
  const path = join(folder, "unloadable.backup");
  const lines = bytes.split("\n").slice(0, -2);
  // A whole file, whose rows the tables do not take.
  const changed = lines.map((line) => line.replaceAll('"both_bad"', '"neither"'));
  const sha256 = createHash("sha256")
    .update(`${changed.join("\n")}\n`)
    .digest("hex");
  const end = { ...(JSON.parse(bytes.split("\n").at(-2) ?? "") as object), sha256 };
  await writeFile(path, gzipSync(`${[...changed, JSON.stringify(end)].join("\n")}\n`));
  await expect(restore(target.url, path)).rejects.toThrow();
  expect(await contents(target.url)).toEqual({});
  const { rows } = await withConnection(target.url, (connection) => connection.query("SELECT answer()"));
  expect(rows).toEqual([{ answer: 42 }]);
});

it("a backup of a newer version is refused with its name", async () => {
  const [header = "", ...rest] = gunzipSync(await readFile(file))
    .toString("utf8")
    .split("\n");
  const newer = header.replace('"migrations":[', '"migrations":["29990101000000_future",');
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
