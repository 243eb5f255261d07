import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, inject, it } from "vitest";
import { checkDatabase, startEmbeddedPostgres } from "@/lib/db";
import { findSiteDatabase } from "./find-site-database";
import { loadSecrets } from "./secrets";

let dataDir: string;

beforeEach(async () => {
  dataDir = await mkdtemp(join(inject("scratch"), "find-"));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const noSite = { code: "database_unavailable", message: expect.stringContaining("npm start") };

it("finds the embedded database while it runs, and says so when it does not", async () => {
  await expect(findSiteDatabase({ ARENA_DATA_DIR: dataDir })).rejects.toMatchObject(noSite);
  const { secrets } = await loadSecrets(join(dataDir, "secrets.json"));
  await expect(findSiteDatabase({ ARENA_DATA_DIR: dataDir })).rejects.toMatchObject(noSite);

  const postgres = await startEmbeddedPostgres({
    directory: join(dataDir, "postgres"),
    password: secrets.databasePassword,
  });
  try {
    const url = await findSiteDatabase({ ARENA_DATA_DIR: dataDir });
    expect(url).toBe(postgres.url);
    await checkDatabase(url);
  } finally {
    await postgres.stop();
  }
  await expect(findSiteDatabase({ ARENA_DATA_DIR: dataDir })).rejects.toMatchObject(noSite);
});

it("takes DATABASE_URL where there is one", async () => {
  const given = { ARENA_DATA_DIR: dataDir, DATABASE_URL: "postgresql://db" };
  expect(await findSiteDatabase(given)).toBe("postgresql://db");
});
