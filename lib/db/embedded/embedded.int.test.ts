import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { z } from "zod";
import { processIsAlive } from "../process-lock";
import { preparePostgresBinaries } from "./binaries";
import { prepareCluster } from "./cluster";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./index";

const password = "a password with / and 'quotes'";
const fixture = fileURLToPath(new URL("owner-fixture.ts", import.meta.url));

let folder: string;
let directory: string;

// One cluster for all, since making one costs more than the rest. mkdtemp makes folders that are closed to others: for root, every test
// here is therefore one of a project in a closed folder.
beforeAll(async () => {
  folder = await mkdtemp(join(inject("scratch"), "embedded-"));
  directory = join(folder, "data", "postgres");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const start = (): Promise<EmbeddedPostgres> => startEmbeddedPostgres({ directory, password });

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** A lost connection says so more than once. */
function onceLost(client: Client): Promise<unknown> {
  client.on("error", () => undefined);
  return new Promise((resolve) => client.once("end", resolve));
}

async function startOwner(): Promise<{ owner: ChildProcess; pid: number; url: string }> {
  const args = ["--import", "tsx", fixture, directory, password];
  const owner = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(owner.stdout ?? owner, "data");
  const { pid, url } = z.object({ pid: z.number(), url: z.string() }).parse(JSON.parse(String(line)));
  return { owner, pid, url };
}

async function kill(owner: ChildProcess): Promise<void> {
  owner.kill("SIGKILL");
  await once(owner, "exit");
}

describe("the embedded PostgreSQL", () => {
  it("starts over when making the cluster was interrupted", async () => {
    await mkdir(`${directory}.new`, { recursive: true });
    await writeFile(join(`${directory}.new`, "PG_VERSION"), "18\n");
    await (await start()).stop();
    expect(await readdir(join(folder, "data"))).toEqual(["postgres", "postgres.log"]);
  });

  it("keeps its data over a restart and leaves no process and no lock", async () => {
    const first = await start();
    expect(await query(first.url, "CREATE TABLE kept_1 AS SELECT 42 AS answer")).toEqual([]);
    await first.stop();
    expect(processIsAlive(first.pid)).toBe(false);
    expect(await readdir(join(folder, "data"))).toEqual(["postgres", "postgres.log"]);

    const second = await start();
    expect(await query(second.url, "SELECT answer FROM kept_1")).toEqual([{ answer: 42 }]);
    await second.stop();
  });

  it("listens on loopback alone, asks for the password, and gives the site no superuser", async () => {
    const postgres = await start();
    try {
      const open = new URL(postgres.url);
      open.password = "wrong";
      await expect(query(open.href, "SELECT 1")).rejects.toThrow("password authentication failed");
      expect(await query(postgres.superuserUrl, "SHOW listen_addresses")).toEqual([
        { listen_addresses: "127.0.0.1" },
      ]);
      expect(await query(postgres.superuserUrl, "SHOW fsync")).toEqual([{ fsync: "on" }]);
      const settings =
        "SELECT usesuper, getdatabaseencoding() AS encoding, lower('ÄΩ') AS folded, datlocale FROM pg_user, pg_database WHERE usename = current_user AND datname = current_database()";
      expect(await query(postgres.url, settings)).toEqual([
        { usesuper: false, encoding: "UTF8", folded: "äω", datlocale: "C.UTF-8" },
      ]);
      expect((await stat(directory)).mode & 0o777).toBe(0o700);
    } finally {
      await postgres.stop();
    }
  });

  it("names the live process that has it", async () => {
    const postgres = await start();
    await expect(start()).rejects.toMatchObject({
      code: "database_unavailable",
      message: `The database in ${directory} is in use by process ${process.pid}.`,
    });
    await postgres.stop();
  });

  it("ends with its owner, however the owner dies", async () => {
    const { owner, pid, url } = await startOwner();
    await query(url, "CREATE TABLE kept_4 AS SELECT 1 AS one");
    await kill(owner);
    await vi.waitFor(() => expect(processIsAlive(pid)).toBe(false), { timeout: 30_000 });
    const next = await start();
    expect(await query(next.url, "SELECT one FROM kept_4")).toEqual([{ one: 1 }]);
    await next.stop();
  });

  it("ends the server of a killed owner that still has a connection", async () => {
    const { owner, pid, url } = await startOwner();
    const client = new Client({ connectionString: url });
    const lost = onceLost(client);
    await client.connect();
    await kill(owner);
    const next = await start();
    await lost;
    expect(next.pid).not.toBe(pid);
    expect(processIsAlive(pid)).toBe(false);
    await next.stop();
  });

  it("recovers what was committed when owner and server are killed", async () => {
    const { owner, pid, url } = await startOwner();
    const client = new Client({ connectionString: url });
    const lost = onceLost(client);
    await client.connect();
    await client.query("CREATE TABLE kept_6 AS SELECT generate_series(1, 1000) AS n");
    process.kill(pid, "SIGKILL");
    await Promise.all([kill(owner), lost]);
    const next = await start();
    expect(await query(next.url, "SELECT count(*)::int AS rows FROM kept_6")).toEqual([{ rows: 1000 }]);
    await next.stop();
  });

  it("is not taken in by a left pid file with the number of another process", async () => {
    await (await start()).stop();
    await writeFile(
      join(directory, "postmaster.pid"),
      `${process.ppid}\n${directory}\n1\n1\n\n127.0.0.1\n\nready\n`,
    );
    await (await start()).stop();
  });

  it("with a lost password file takes the new password and keeps the data", async () => {
    const first = await start();
    await query(first.url, "CREATE TABLE kept_9 AS SELECT 1 AS one");
    await first.stop();
    const second = await startEmbeddedPostgres({ directory, password: "another" });
    expect(await query(second.url, "SELECT one FROM kept_9")).toEqual([{ one: 1 }]);
    await second.stop();
  });
});

it("is made from binaries in a closed folder", async () => {
  // As a project under /root: neither the binaries nor the data can be reached by another user.
  const { postgres } = await preparePostgresBinaries();
  const native = join(folder, "native");
  await cp(dirname(dirname(postgres)), native, { recursive: true, verbatimSymlinks: true });
  const binaries = { initdb: join(native, "bin/initdb"), postgres: join(native, "bin/postgres") };
  const account = await prepareCluster(binaries, {
    directory: join(folder, "closed"),
    password,
    isDurable: false,
  });
  const isRoot = process.getuid?.() === 0;
  expect(account.ids === null).toBe(!isRoot);
  expect(account.capability === null).toBe(!isRoot);
  expect(await readdir(join(folder, "closed"))).toContain("PG_VERSION");
});

describe("one clear sentence", () => {
  it("for a cluster of another major version", async () => {
    await writeFile(join(directory, "PG_VERSION"), "16\n");
    await expect(start()).rejects.toMatchObject({
      code: "database_unavailable",
      message: expect.stringMatching(/was made by PostgreSQL 16, and this is PostgreSQL 18; dump it/),
    });
    await writeFile(join(directory, "PG_VERSION"), "18\n");
  });

  it("for a folder with other files, which stay", async () => {
    const foreign = join(folder, "foreign", "postgres");
    await mkdir(foreign, { recursive: true });
    await writeFile(join(foreign, "thesis.txt"), "years of work");
    await expect(startEmbeddedPostgres({ directory: foreign, password })).rejects.toMatchObject({
      message: expect.stringMatching(/holds files that are no PostgreSQL database/),
    });
    expect(await readdir(foreign)).toEqual(["thesis.txt"]);
  });

  it("for a data folder that cannot be made", async () => {
    await writeFile(join(folder, "a file"), "");
    const impossible = join(folder, "a file", "data", "postgres");
    await expect(startEmbeddedPostgres({ directory: impossible, password })).rejects.toMatchObject({
      message: expect.stringMatching(/^The data folder .* cannot be written \(ENOTDIR\)\.$/),
    });
  });

  it("for a damaged cluster, with PostgreSQL's own reason", async () => {
    await rm(join(directory, "global", "pg_control"));
    await expect(start()).rejects.toMatchObject({
      message: expect.stringMatching(
        /^PostgreSQL did not start: could not find the database system. More in .*postgres\.log\.$/s,
      ),
    });
  });
});
