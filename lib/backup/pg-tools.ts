import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { rename, rm } from "node:fs/promises";
import { promisify } from "node:util";
import { migrate } from "@/lib/db";
import { childEnv } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { withConnection } from "@/lib/votes";
import { isBare } from "./tables";

const run = promisify(execFile);

/**
 * Whether this machine's pg_dump can read the server: PostgreSQL's own rule is that it may be newer than the server and not
 * older. False where there is none.
 */
export async function canPgDump(url: string): Promise<boolean> {
  const tool = await versionOf("pg_dump");
  if (tool === null || (await versionOf("pg_restore")) === null) return false;
  const server = await withConnection(url, async (connection) => {
    const { rows } = await connection.query<{ version: string }>(
      "SELECT current_setting('server_version_num') AS version",
    );
    return Math.floor(Number(rows[0]?.version) / 10_000);
  });
  return tool >= server;
}

async function versionOf(tool: string): Promise<number | null> {
  try {
    const { stdout } = await run(tool, ["--version"], { env: childEnv({}) });
    const major = /\) (\d+)/.exec(stdout)?.[1];
    return major === undefined ? null : Number(major);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}

/** A backup in pg_dump's custom format. The file appears when it is whole. Errors: `internal` with what pg_dump said. */
export async function pgDump(url: string, path: string, signal?: AbortSignal): Promise<void> {
  const draft = `${path}.partial`;
  try {
    const args = ["--format=custom", "--no-owner", "--no-privileges", `--file=${draft}`];
    await runTool("pg_dump", args, url, signal);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * Puts a pg_dump backup into a database without tables, in one transaction, and brings it to this version. Errors:
 * `invalid_request` for a database that has tables; `internal` with what pg_restore said.
 */
export async function pgRestore(
  url: string,
  path: string,
  { isReplacing = false, signal }: { isReplacing?: boolean; signal?: AbortSignal } = {},
): Promise<{ migrated: string[] }> {
  if (!isReplacing) {
    if (!(await withConnection(url, isBare))) {
      throw new AppError("invalid_request", {
        message: "A backup of pg_dump brings its own tables: give it a database without any, or --replace.",
      });
    }
  }
  const replacing = isReplacing ? ["--clean", "--if-exists"] : [];
  const args = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", ...replacing];
  await runTool("pg_restore", [...args, "--dbname=", path], url, signal);
  return { migrated: await migrate(url) };
}

/** The address goes by environment variables: a command line can be read by every user of the machine. */
async function runTool(tool: string, args: string[], url: string, signal?: AbortSignal): Promise<void> {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const env = childEnv({
    PGHOST: decodeURIComponent(hostname),
    PGPORT: port || "5432",
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    PGSSLMODE: searchParams.get("sslmode") ?? undefined,
  });
  const child = spawn(tool, args, { env, stdio: ["ignore", "ignore", "pipe"], signal });
  let said = "";
  child.stderr.on("data", (bytes: Buffer) => {
    said = (said + bytes.toString("utf8")).slice(-4_000);
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new AppError("internal", { message: `${tool} failed (${code}): ${said.trim()}` });
}
