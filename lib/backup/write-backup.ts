import { createHash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { AppError } from "@/lib/errors";
import { type Connection, inTransaction, readBatches, withConnection } from "@/lib/votes";
import type { BackupHeader } from "./backup-format";
import { listMigrations, listSequences, listTables } from "./tables";

/** Rows that are read at once; an answer may have a hundred kilobytes, an image ten megabytes in hexadecimal. */
const batchSize = { text: 200, bytes: 4 } as const;
/** A line ends with the row that brings it beyond this: PostgreSQL takes 256 MiB of it, Node half a gigabyte, and memory has its price. */
const lineBytes = 4 * 1024 * 1024;

export type BackupOptions = { now?: Date; signal?: AbortSignal };
export type BackupReport = { rows: number; sha256: string; migrations: number };

/**
 * Writes all tables of one snapshot of the database (REPEATABLE READ) into a file; the site may run meanwhile. The file
 * appears when it is whole, readable for this user alone. Errors: `database_unavailable`; those of the file system.
 */
export async function writeBackup(
  url: string,
  path: string,
  { now = new Date(), signal }: BackupOptions = {},
): Promise<BackupReport> {
  const draft = `${path}.partial`;
  try {
    const report = await withConnection(url, (connection) =>
      inTransaction(connection, () => dump(connection, draft, now, signal), "REPEATABLE READ"),
    );
    await rename(draft, path);
    return report;
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

async function dump(
  connection: Connection,
  path: string,
  now: Date,
  signal: AbortSignal | undefined,
): Promise<BackupReport> {
  const header = await readHeader(connection, now);
  const gzip = createGzip();
  const written = pipeline(gzip, createWriteStream(path, { mode: 0o600 }), { signal });
  // It is awaited below; a failure before that must not go unheard of, nor end the process.
  written.catch(() => undefined);
  const hash = createHash("sha256");
  let rows = 0;
  const write = async (value: unknown): Promise<void> => {
    signal?.throwIfAborted();
    const line = `${JSON.stringify(value)}\n`;
    hash.update(line);
    if (!gzip.write(line)) await Promise.race([once(gzip, "drain"), written]);
  };
  await write(header);
  for (const { name, columns } of header.tables) {
    const values = columns.map((column) => `${connection.escapeIdentifier(column.name)}::text`);
    const sql = `SELECT ARRAY[${values.join(", ")}] AS values FROM ${connection.escapeIdentifier(name)}`;
    for await (const batch of readBatches<{ values: (string | null)[] }>(connection, "backup", sql, {
      batchSize: columns.some(({ type }) => type === "bytea") ? batchSize.bytes : batchSize.text,
    })) {
      for (const lines of linesOf(batch.map(({ values: row }) => row))) {
        await write({ table: name, rows: lines });
      }
      rows += batch.length;
    }
  }
  const sha256 = hash.digest("hex");
  gzip.end(`${JSON.stringify({ rows, sha256 })}\n`);
  await written;
  return { rows, sha256, migrations: header.migrations.length };
}

/** The rows in lines of about {@link lineBytes}, none of them empty. */
function linesOf(rows: readonly (string | null)[][]): (string | null)[][][] {
  const lines: (string | null)[][][] = [];
  let size = 0;
  for (const row of rows) {
    if (size === 0) lines.push([]);
    lines.at(-1)?.push(row);
    size += row.reduce((sum, value) => sum + (value?.length ?? 4), 0);
    if (size >= lineBytes) size = 0;
  }
  return lines;
}

async function readHeader(connection: Connection, now: Date): Promise<BackupHeader> {
  const migrations = await listMigrations(connection);
  if (migrations === null || migrations.length === 0) {
    throw new AppError("invalid_request", { message: "This database holds no Chat Arena." });
  }
  // One after the other: a connection does one thing at a time.
  const tables = await listTables(connection);
  const sequences = await listSequences(connection);
  return {
    format: "chat-arena-backup",
    version: 1,
    createdAt: now.toISOString(),
    migrations,
    tables,
    sequences,
  };
}
