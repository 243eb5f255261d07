import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { createGunzip } from "node:zlib";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import { sequenceSchema, tableSchema } from "./tables";

/**
 * Our own backup: gzip over lines of JSON. The first line is the header; then come batches of rows, a table after the other;
 * the last line tells how many rows there are and the SHA-256 of everything before it, so that a file that was cut or changed
 * is refused before it touches a database. A value is PostgreSQL's own text of it, which it reads back exactly.
 */
export const headerSchema = z.object({
  format: z.literal("chat-arena-backup"),
  version: z.literal(1),
  createdAt: z.iso.datetime(),
  /** The schema's level: the names of its migrations, oldest first. */
  migrations: z.array(z.string()).min(1),
  tables: z.array(tableSchema),
  sequences: z.array(sequenceSchema),
});
export type BackupHeader = z.infer<typeof headerSchema>;

export const batchSchema = z.object({
  table: z.string(),
  rows: z.array(z.array(z.string().nullable())),
});
export type Batch = z.infer<typeof batchSchema>;

export const endSchema = z.object({ rows: z.number().int(), sha256: z.string() });
export type BackupEnd = z.infer<typeof endSchema>;

export type BackupKind = "arena" | "pg_dump";

/** What a file is, by its first bytes. Errors: `invalid_request` for what is neither, or cannot be read. */
export async function kindOf(path: string): Promise<BackupKind> {
  const bytes = Buffer.alloc(5);
  try {
    const file = await open(path);
    try {
      await file.read(bytes, 0, bytes.length, 0);
    } finally {
      await file.close();
    }
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new AppError("invalid_request", { message: `${path} cannot be read (${code}).`, cause });
  }
  if (bytes.toString("latin1") === "PGDMP") return "pg_dump";
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return "arena";
  throw new AppError("invalid_request", {
    message: `${path} is no backup: neither of npm run admin nor of pg_dump (custom format).`,
  });
}

export type BackupLines = {
  header: BackupHeader;
  batches: AsyncIterable<Batch>;
  /** After the last batch. */
  end: () => BackupEnd;
};

/**
 * Opens a backup and reads it once; `batches` must be read to their end. Errors: `invalid_request` with one sentence where
 * the file is cut, changed or of another version.
 */
export async function readBackup(path: string): Promise<BackupLines> {
  const source = createReadStream(path).pipe(createGunzip());
  const lines = createInterface({ input: source, crlfDelay: Number.POSITIVE_INFINITY })[
    Symbol.asyncIterator
  ]();
  const hash = createHash("sha256");
  let end: BackupEnd | null = null;
  let rows = 0;
  // Not every Node passes the errors of readline's input on to the iteration.
  const failed = new Promise<never>((_, reject) => source.once("error", reject));
  // Each line is awaited in a race with it; a failure between two of them must not end the process before the next one tells it.
  failed.catch(() => undefined);
  const next = async (): Promise<string> => {
    const line = await Promise.race([lines.next(), failed]).catch((cause: unknown) => {
      throw damaged(path, cause);
    });
    if (line.done === true) throw damaged(path);
    return line.value;
  };
  const first = await next();
  const header = headerSchema.safeParse(parse(first));
  if (!header.success) {
    throw new AppError("invalid_request", { message: `${path} is no backup that this version can read.` });
  }
  hash.update(`${first}\n`);
  async function* batches(): AsyncGenerator<Batch> {
    for (;;) {
      const line = await next();
      const value = parse(line);
      const batch = batchSchema.safeParse(value);
      if (batch.success) {
        hash.update(`${line}\n`);
        rows += batch.data.rows.length;
        yield batch.data;
        continue;
      }
      const told = endSchema.safeParse(value);
      if (!told.success || told.data.rows !== rows || told.data.sha256 !== hash.digest("hex"))
        throw damaged(path);
      end = told.data;
      return;
    }
  }
  return {
    header: header.data,
    batches: batches(),
    end() {
      if (end === null) throw damaged(path);
      return end;
    },
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // The schema refuses it.
    return null;
  }
}

function damaged(path: string, cause?: unknown): AppError {
  return new AppError("invalid_request", {
    cause,
    message: `${path} is damaged: it was cut or changed. Nothing was restored; take another backup.`,
  });
}
