import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { migrate, migrationsUpTo, startEmbeddedPostgres } from "@/lib/db";
import { withConnection } from "@/lib/votes";
import { writeBackup } from "../write-backup";

// Makes first-release.backup from first-release.sql: node --import tsx lib/backup/testing/make-first-release-fixture.ts

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const folder = await mkdtemp(join(tmpdir(), "arena-fixture-"));
const postgres = await startEmbeddedPostgres({ directory: join(folder, "postgres"), password: randomUUID() });
await migrate(postgres.url, await migrationsUpTo(["20261122171815_init"]));
const sql = await readFile(here("first-release.sql"), "utf8");
await withConnection(postgres.url, (connection) => connection.query(sql));
await rm(here("first-release.backup"), { force: true });
await writeBackup(postgres.url, here("first-release.backup"), { now: new Date("2026-01-02T00:00:00Z") });
await postgres.stop({ hurry: true });
await rm(folder, { recursive: true, force: true });
