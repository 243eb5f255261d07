import { z } from "zod";
import { AppError } from "@/lib/errors";
import type { Connection } from "@/lib/votes";

export const columnSchema = z.object({
  name: z.string(),
  /** As PostgreSQL writes it, e.g. `timestamp(3) with time zone`. */
  type: z.string(),
});
export const tableSchema = z.object({ name: z.string(), columns: z.array(columnSchema).min(1) });
export type Table = z.infer<typeof tableSchema>;

export const sequenceSchema = z.object({ name: z.string(), lastValue: z.string(), isCalled: z.boolean() });
export type Sequence = z.infer<typeof sequenceSchema>;

/** Belongs to the schema and not to the data: it says which migrations the database has. */
export const historyTable = "_prisma_migrations";

/** The tables of the site with their columns, in the order of their names; generated columns make themselves. */
export async function listTables(connection: Connection): Promise<Table[]> {
  const { rows } = await connection.query<{ table: string; column: string; type: string }>(
    `SELECT class.relname AS table, attribute.attname AS column,
            format_type(attribute.atttypid, attribute.atttypmod) AS type
     FROM pg_class class
     JOIN pg_namespace namespace ON namespace.oid = class.relnamespace
     JOIN pg_attribute attribute ON attribute.attrelid = class.oid
     WHERE namespace.nspname = current_schema() AND class.relkind = 'r' AND class.relname <> $1
       AND attribute.attnum > 0 AND NOT attribute.attisdropped AND attribute.attgenerated = ''
     ORDER BY class.relname COLLATE "C", attribute.attnum`,
    [historyTable],
  );
  const tables = new Map<string, Table>();
  for (const { table, column, type } of rows) {
    const known = tables.get(table) ?? { name: table, columns: [] };
    known.columns.push({ name: column, type });
    tables.set(table, known);
  }
  return [...tables.values()];
}

export async function listSequences(connection: Connection): Promise<Sequence[]> {
  const { rows } = await connection.query<{ name: string }>(
    `SELECT class.relname AS name FROM pg_class class
     JOIN pg_namespace namespace ON namespace.oid = class.relnamespace
     WHERE namespace.nspname = current_schema() AND class.relkind = 'S' ORDER BY class.relname COLLATE "C"`,
  );
  const sequences: Sequence[] = [];
  for (const { name } of rows) {
    const { rows: values } = await connection.query<{ lastValue: string; isCalled: boolean }>(
      `SELECT last_value::text AS "lastValue", is_called AS "isCalled" FROM ${connection.escapeIdentifier(name)}`,
    );
    sequences.push({ name, ...(values[0] ?? { lastValue: "1", isCalled: false }) });
  }
  return sequences;
}

/** Whether the database has no tables at all. Errors: `invalid_request` where it has some, or views, but none of the site's. */
export async function isBare(connection: Connection): Promise<boolean> {
  if ((await listMigrations(connection)) !== null) return false;
  const { rows } = await connection.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class class
     WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
       AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = class.oid AND deptype = 'e')
     LIMIT 1`,
  );
  const [stranger] = rows;
  if (stranger === undefined) return true;
  throw new AppError("invalid_request", {
    message: `This database has tables that are not of a site (${stranger.name} is one). Give the backup a database of its own.`,
  });
}

export type SchemaObject = { kind: "TABLE" | "TYPE" | "FUNCTION"; name: string };

/** Of the kinds that migrations make, with names as `DROP` takes them; without what belongs to an extension. */
export async function listObjects(connection: Connection): Promise<SchemaObject[]> {
  const { rows } = await connection.query<SchemaObject>(
    `WITH objects AS (
       SELECT 'TABLE' AS kind, oid, oid::regclass::text AS name, relnamespace AS schema FROM pg_class
         WHERE relkind = 'r'
       UNION ALL SELECT 'TYPE', oid, oid::regtype::text, typnamespace FROM pg_type WHERE typtype = 'e'
       UNION ALL SELECT 'FUNCTION', oid, oid::regprocedure::text, pronamespace FROM pg_proc WHERE prokind = 'f'
     )
     SELECT kind, name FROM objects
     WHERE schema = current_schema()::regnamespace
       AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = objects.oid AND deptype = 'e')`,
  );
  return rows;
}

/** Statements that take them away. With IF EXISTS: some go with the one that they belong to. */
export function dropsOf(objects: readonly SchemaObject[]): string[] {
  return objects.map(({ kind, name }) => `DROP ${kind} IF EXISTS ${name} CASCADE`);
}

/** Names of the migrations that the database has, oldest first; null where it has no tables of the site at all. */
export async function listMigrations(connection: Connection): Promise<string[] | null> {
  const { rows: found } = await connection.query("SELECT to_regclass($1) AS history", [historyTable]);
  if (found[0]?.history === null) return null;
  const { rows } = await connection.query<{ name: string }>(
    `SELECT migration_name AS name FROM ${historyTable} WHERE finished_at IS NOT NULL ORDER BY migration_name`,
  );
  return rows.map(({ name }) => name);
}
