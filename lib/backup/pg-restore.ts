import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { escapeIdentifier, escapeLiteral } from "pg";
import { knownMigrations, migrate } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { withConnection } from "@/lib/votes";
import { toolEnv } from "./pg-tools";
import { requireEmpty } from "./require-empty";
import type { RestoreOptions } from "./restore-backup";
import { dropsOf, isBare, listObjects } from "./tables";

/**
 * Puts a pg_dump backup into a database and brings it to this version. One transaction takes away what was there, loads the dump and
 * looks at what it brought, so a dump that is cut, of a newer version or of something else changes nothing, nor does a kill. Errors:
 * `invalid_request` with one sentence, or with what PostgreSQL's tools said; `database_unavailable`.
 */
export async function pgRestore(
  url: string,
  path: string,
  { isReplacing = false, signal }: RestoreOptions = {},
): Promise<{ migrated: string[] }> {
  const { drops, schema } = await withConnection(url, async (connection) => {
    const isEmpty = await isBare(connection);
    if (!isEmpty && !isReplacing) await requireEmpty(connection);
    const { rows } = await connection.query<{ schema: string }>("SELECT current_schema() AS schema");
    return {
      // A dump brings its own tables, and may be older than those that are there.
      drops: isEmpty ? [] : dropsOf(await listObjects(connection)),
      schema: escapeIdentifier(rows[0]?.schema ?? "public"),
    };
  });
  const closing = [checkOf(schema, await knownMigrations()), "COMMIT"];
  await load(url, path, { opening: ["BEGIN", ...drops], closing, signal });
  return { migrated: await migrate(url) };
}

/** Fails where the dump is of something else or of a newer version. */
function checkOf(schema: string, known: readonly string[]): string {
  const history = `${schema}._prisma_migrations`;
  return `DO $check$ DECLARE unknown text; BEGIN
    IF to_regclass(${escapeLiteral(history)}) IS NULL THEN RAISE EXCEPTION 'It is no backup of a Chat Arena'; END IF;
    SELECT string_agg(migration_name, ', ') INTO unknown FROM ${history}
      WHERE migration_name <> ALL (ARRAY[${known.map(escapeLiteral).join(", ")}]);
    IF unknown IS NOT NULL THEN
      RAISE EXCEPTION 'It was made by a newer Chat Arena (it has the migration %); use that version', unknown;
    END IF;
  END $check$`;
}

type Script = { opening: string[]; closing: string[]; signal: AbortSignal | undefined };

/** pg_restore writes SQL, psql runs it. The closing statements follow only when pg_restore has read the file to its end. */
async function load(url: string, path: string, { opening, closing, signal }: Script): Promise<void> {
  const env = toolEnv(url);
  const args = ["--file=-", "--no-owner", "--no-privileges", path];
  const reader = spawn("pg_restore", args, { env, stdio: ["ignore", "pipe", "pipe"], signal });
  const psql = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null"];
  const writer = spawn("psql", psql, { env, stdio: ["pipe", "ignore", "pipe"], signal });
  const ends = { read: endOf("pg_restore", reader), written: endOf("psql", writer) };
  const { stdin } = writer as { stdin: Writable };
  // Its own end tells more than a pipe that it has left.
  stdin.on("error", () => undefined);
  stdin.write(`${opening.join(";\n")};\n`);
  const isPiped = pipeline((reader as { stdout: Readable }).stdout, stdin, { end: false }).then(
    () => true,
    () => false,
  );
  const read = await ends.read;
  if ((await isPiped) && read === null) stdin.write(`${closing.join(";\n")};\n`);
  stdin.end();
  const failure = (await ends.written) ?? read;
  signal?.throwIfAborted();
  if (failure !== null) throw failure;
}

/** Waits for a tool's end; what it said when it failed. */
async function endOf(tool: string, child: ChildProcess): Promise<Error | null> {
  let said = "";
  child.stderr?.on("data", (bytes: Buffer) => {
    said = (said + bytes.toString("utf8")).slice(-4_000);
  });
  try {
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    if (code === 0) return null;
    const message = `${tool} refused the backup: ${reasonOf(said) ?? `it ended by ${signal}`}.`;
    return new AppError("invalid_request", { message });
  } catch (error) {
    return error as Error;
  }
}

/** The first line that names an error, without the place in the script. */
function reasonOf(said: string): string | undefined {
  const lines = said.split("\n").map((line) => line.trim());
  const line = lines.find((text) => /error|fatal/i.test(text)) ?? lines.find((text) => text !== "");
  return line?.replace(/^.*?(ERROR|FATAL|error|fatal):\s*/, "").replace(/\.$/, "");
}
