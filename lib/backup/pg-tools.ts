import { execFile } from "node:child_process";
import { rename, rm, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { childEnv } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { withConnection } from "@/lib/votes";

const run = promisify(execFile);

/**
 * Whether this machine's pg_dump is of the server's major version. An older one cannot read it; a dump of a newer one sets parameters
 * that the server does not know, so it could not be restored there. False where there is none.
 */
export async function canPgDump(url: string): Promise<boolean> {
  const tool = await versionOf("pg_dump");
  if (tool === null || !(await canPgRestore())) return false;
  const server = await withConnection(url, async (connection) => {
    const { rows } = await connection.query<{ version: string }>(
      "SELECT current_setting('server_version_num') AS version",
    );
    return Math.floor(Number(rows[0]?.version) / 10_000);
  });
  return tool === server;
}

/** Whether this machine has what a restore of its dumps needs. */
export async function canPgRestore(): Promise<boolean> {
  return (await versionOf("pg_restore")) !== null && (await versionOf("psql")) !== null;
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
    // pg_dump keeps the mode of a file that is there.
    await writeFile(draft, "", { mode: 0o600 });
    const args = ["--format=custom", "--no-owner", "--no-privileges", `--file=${draft}`];
    await run("pg_dump", args, { env: toolEnv(url), signal });
    await rename(draft, path);
  } catch (error) {
    const said = (error as { stderr?: unknown }).stderr;
    if (signal?.aborted || typeof said !== "string") throw error;
    throw new AppError("internal", { message: `pg_dump failed: ${said.trim().slice(-1_000)}`, cause: error });
  } finally {
    await rm(draft, { force: true });
  }
}

/** Environment of PostgreSQL's tools: the address is not on a command line, which every user of the machine can read. */
export function toolEnv(url: string): NodeJS.ProcessEnv {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const sslMode = searchParams.get("sslmode") ?? undefined;
  return childEnv({
    PGHOST: decodeURIComponent(hostname),
    PGPORT: port || "5432",
    PGUSER: decodeURIComponent(username),
    PGPASSWORD: decodeURIComponent(password),
    PGDATABASE: decodeURIComponent(pathname.slice(1)),
    // A word of Node's driver that PostgreSQL's tools do not know: encrypted, whoever it is.
    PGSSLMODE: sslMode === "no-verify" ? "require" : sslMode,
    PGSSLROOTCERT: searchParams.get("sslrootcert") ?? undefined,
    PGSSLCERT: searchParams.get("sslcert") ?? undefined,
    PGSSLKEY: searchParams.get("sslkey") ?? undefined,
  });
}
