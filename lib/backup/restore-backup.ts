import { migrate, migrationsUpTo } from "@/lib/db";
import { AppError } from "@/lib/errors";
import { type Connection, inTransaction, withConnection } from "@/lib/votes";
import { type BackupHeader, readBackup } from "./backup-format";
import { requireEmpty } from "./require-empty";
import {
  dropsOf,
  isBare,
  listMigrations,
  listObjects,
  listTables,
  type SchemaObject,
  type Table,
} from "./tables";

export type RestoreOptions = {
  /** Replace what the database holds. Default: only an empty one is taken. */
  isReplacing?: boolean;
  signal?: AbortSignal;
};
export type RestoreReport = { rows: number; tables: number; migrated: string[] };

/**
 * Puts a backup of ours into a database: all of it or nothing. The file is read whole and checked first. A database without
 * tables gets those of the backup's version and is then brought to this one; a database that has tables must be of the
 * backup's version. Errors: `invalid_request` with one sentence; `database_unavailable`.
 */
export async function restoreBackup(
  url: string,
  path: string,
  options: RestoreOptions = {},
): Promise<RestoreReport> {
  const checked = await readBackup(path);
  for await (const _ of checked.batches) options.signal?.throwIfAborted();
  const { rows } = checked.end();
  const { header } = checked;
  const level = await migrationsUpTo(header.migrations);
  const { wasBare, before } = await withConnection(url, async (connection) => ({
    wasBare: await isBare(connection),
    before: await listObjects(connection),
  }));
  if (wasBare) await migrate(url, level);
  try {
    await withConnection(url, (connection) =>
      inTransaction(connection, async () => {
        await requireFit(connection, header, options.isReplacing ?? false);
        await load(connection, path, header, options.signal);
      }),
    );
  } catch (error) {
    if (wasBare) await withConnection(url, (connection) => removeNew(connection, before));
    throw error;
  }
  return { rows, tables: header.tables.length, migrated: await migrate(url) };
}

async function requireFit(connection: Connection, header: BackupHeader, isReplacing: boolean): Promise<void> {
  const present = (await listMigrations(connection)) ?? [];
  if (present.join() !== header.migrations.join()) {
    throw new AppError("invalid_request", {
      message: `The backup has ${header.migrations.length} migrations and this database ${present.length}. Give it a database without tables: it is then brought to this version.`,
    });
  }
  if (!isReplacing) await requireEmpty(connection);
}

/**
 * Triggers would count votes a second time, and the order of tables would have to follow their references; so both are taken
 * away and put back within the transaction, where the references are then checked at once.
 */
async function load(
  connection: Connection,
  path: string,
  header: BackupHeader,
  signal: AbortSignal | undefined,
): Promise<void> {
  const quote = (name: string): string => connection.escapeIdentifier(name);
  const tables = new Map((await listTables(connection)).map((table) => [table.name, table]));
  requireSameTables(tables, header);
  const references = await readReferences(connection);
  for (const { table, name } of references) {
    await connection.query(`ALTER TABLE ${quote(table)} DROP CONSTRAINT ${quote(name)}`);
  }
  for (const name of tables.keys()) await connection.query(`ALTER TABLE ${quote(name)} DISABLE TRIGGER USER`);
  await connection.query(`TRUNCATE ${[...tables.keys()].map(quote).join(", ")}`);
  const { batches } = await readBackup(path);
  for await (const { table, rows } of batches) {
    signal?.throwIfAborted();
    const { columns } = tables.get(table) ?? { columns: [] };
    const names = columns.map((column) => quote(column.name)).join(", ");
    const values = columns.map((column, index) => `(row ->> ${index})::${column.type}`).join(", ");
    await connection.query(
      `INSERT INTO ${quote(table)} (${names}) OVERRIDING SYSTEM VALUE
       SELECT ${values} FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS rows(row, place) ORDER BY place`,
      [JSON.stringify(rows)],
    );
  }
  for (const { name, lastValue, isCalled } of header.sequences) {
    await connection.query("SELECT setval($1::regclass, $2::bigint, $3)", [quote(name), lastValue, isCalled]);
  }
  for (const name of tables.keys()) await connection.query(`ALTER TABLE ${quote(name)} ENABLE TRIGGER USER`);
  for (const { table, name, definition } of references) {
    await connection.query(`ALTER TABLE ${quote(table)} ADD CONSTRAINT ${quote(name)} ${definition}`);
  }
}

function requireSameTables(tables: ReadonlyMap<string, Table>, { tables: stored }: BackupHeader): void {
  if (JSON.stringify([...tables.values()]) === JSON.stringify(stored)) return;
  throw new AppError("invalid_request", {
    message:
      "The tables of this database are not those of the backup, although both have the same migrations.",
  });
}

async function readReferences(
  connection: Connection,
): Promise<{ table: string; name: string; definition: string }[]> {
  const { rows } = await connection.query<{ table: string; name: string; definition: string }>(
    `SELECT class.relname AS table, conname AS name, pg_get_constraintdef(constr.oid) AS definition
     FROM pg_constraint constr JOIN pg_class class ON class.oid = constr.conrelid
     JOIN pg_namespace namespace ON namespace.oid = class.relnamespace
     WHERE contype = 'f' AND namespace.nspname = current_schema() ORDER BY conname`,
  );
  return rows;
}

/** Undoes the migrations of a database that had no tables before; what else there was, such as an extension, stays. */
async function removeNew(connection: Connection, before: readonly SchemaObject[]): Promise<void> {
  const wasThere = new Set(before.map(({ kind, name }) => `${kind} ${name}`));
  await inTransaction(connection, async () => {
    const made = (await listObjects(connection)).filter(({ kind, name }) => !wasThere.has(`${kind} ${name}`));
    for (const drop of dropsOf(made)) await connection.query(drop);
  });
}
