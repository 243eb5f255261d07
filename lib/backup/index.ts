import { access } from "node:fs/promises";
import { AppError } from "@/lib/errors";
import { type BackupKind, kindOf } from "./backup-format";
import { pgRestore } from "./pg-restore";
import { canPgDump, canPgRestore, pgDump } from "./pg-tools";
import { type RestoreOptions, restoreBackup } from "./restore-backup";
import { type BackupOptions, writeBackup } from "./write-backup";

export type { BackupKind };

/**
 * Backs the database up into a new file: with pg_dump where this machine has one that can read the server, else in our own
 * format; `kind` chooses. Errors: `invalid_request` where the file exists, or pg_dump is wanted and does not fit.
 */
export async function backUp(
  url: string,
  path: string,
  { kind, ...options }: BackupOptions & { kind?: BackupKind | undefined } = {},
): Promise<{ kind: BackupKind; rows: number | null }> {
  if (await exists(path)) throw new AppError("invalid_request", { message: `${path} exists already.` });
  const fits = kind !== "arena" && (await canPgDump(url));
  if (kind === "pg_dump" && !fits) {
    throw new AppError("invalid_request", {
      message: "There is no pg_dump here of the same major version as the database's server.",
    });
  }
  if (fits) {
    await pgDump(url, path, options.signal);
    return { kind: "pg_dump", rows: null };
  }
  return { kind: "arena", rows: (await writeBackup(url, path, options)).rows };
}

/** Restores either kind of file; what it says by itself. Errors: `invalid_request` with one sentence. */
export async function restore(
  url: string,
  path: string,
  options: RestoreOptions = {},
): Promise<{ kind: BackupKind; rows: number | null; migrated: string[] }> {
  const kind = await kindOf(path);
  if (kind === "pg_dump") {
    if (!(await canPgRestore())) {
      throw new AppError("invalid_request", {
        message: "This is a backup of pg_dump: restoring it needs pg_restore and psql, which are not here.",
      });
    }
    return { kind, rows: null, ...(await pgRestore(url, path, options)) };
  }
  const { rows, migrated } = await restoreBackup(url, path, options);
  return { kind, rows, migrated };
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}
