import { randomUUID } from "node:crypto";
import { PrismaPg } from "@prisma/adapter-pg";
import {
  type ColumnType,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
  type SqlResultSet,
} from "@prisma/driver-adapter-utils";
import { escapeIdentifier, Pool, type QueryResult } from "pg";
import { databaseUrl, execute } from "./statement";

/** Type numbers of pg_type: "char" (one byte, used by the catalogue) and text. */
const singleByteChar = 18;
const text = 25;

/** A schema engine's way to PostgreSQL: one connection, so that what is done by `execute` holds for the engine too. */
export type SchemaEngineConnection = {
  factory: SqlMigrationAwareDriverAdapterFactory;
  execute: (statement: string) => Promise<void>;
  close: () => Promise<void>;
};

/**
 * `PrismaPg` alone does not serve the schema engine (7.10): it cannot read the catalogue's "char" columns; it cuts a script at every
 * semicolon, also inside a function body; and it makes the scratch database but goes on working in the real one when it was given a URL.
 */
export function connectSchemaEngine(url: string): SchemaEngineConnection {
  const pool = new Pool({
    connectionString: url,
    max: 1,
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: 10_000,
  });
  // A connection that breaks while nothing is asked of it reports here; the next query fails anyway.
  pool.on("error", () => undefined);
  const kinds = acceptSingleByteChar(pool);
  const scratch: SqlDriverAdapter[] = [];
  return {
    factory: {
      provider: "postgres",
      adapterName: "@prisma/adapter-pg",
      connect: () => adapt(pool, kinds, async () => undefined),
      connectToShadowDb: async () => {
        const adapter = await connectToScratch(url);
        scratch.push(adapter);
        return adapter;
      },
    },
    execute: async (statement) => {
      await pool.query(statement);
    },
    close: async () => {
      // The engine disposes of nothing when a step fails.
      for (const adapter of scratch) await adapter.dispose();
      await pool.end();
    },
  };
}

async function connectToScratch(url: string): Promise<SqlDriverAdapter> {
  const name = `arena_scratch_${randomUUID()}`;
  await execute(url, `CREATE DATABASE ${escapeIdentifier(name)} TEMPLATE template0`);
  const pool = new Pool({ connectionString: databaseUrl(url, name) });
  let isDisposed = false;
  return await adapt(pool, acceptSingleByteChar(pool), async () => {
    if (isDisposed) return;
    isDisposed = true;
    await pool.end();
    await execute(url, `DROP DATABASE ${escapeIdentifier(name)}`);
  });
}

type FixKinds = (result: SqlResultSet) => SqlResultSet;

async function adapt(
  pool: Pool,
  fixKinds: FixKinds,
  dispose: () => Promise<void>,
): Promise<SqlDriverAdapter> {
  const adapter = await new PrismaPg(pool).connect();
  return {
    provider: adapter.provider,
    adapterName: adapter.adapterName,
    queryRaw: async (query) => fixKinds(await adapter.queryRaw(query)),
    executeRaw: (query) => adapter.executeRaw(query),
    startTransaction: (isolationLevel) => adapter.startTransaction(isolationLevel),
    getConnectionInfo: () => adapter.getConnectionInfo(),
    // Without parameters PostgreSQL takes several statements at once.
    executeScript: async (script) => {
      await adapter.executeRaw({ sql: script, args: [], argTypes: [] });
    },
    dispose,
  };
}

/** Lets queries answer with "char" columns, and returns the kinds of the columns as the engine expects them. */
function acceptSingleByteChar(pool: Pool): FixKinds {
  const columnsOf = new WeakMap<object, ReadonlySet<number>>();
  const query = pool.query.bind(pool) as (config: unknown) => Promise<QueryResult | QueryResult[]>;
  const queryAsText = async (config: unknown) => {
    const answer = await query(config);
    for (const { fields, rows } of [answer].flat()) {
      const columns = new Set<number>();
      for (const [index, field] of fields.entries()) {
        if (field.dataTypeID !== singleByteChar) continue;
        field.dataTypeID = text;
        columns.add(index);
      }
      columnsOf.set(rows, columns);
    }
    return answer;
  };
  Object.assign(pool, { query: queryAsText });
  return (result) => {
    const columns = columnsOf.get(result.rows);
    const type = (kind: ColumnType, index: number) => (columns?.has(index) ? ColumnTypeEnum.Character : kind);
    return { ...result, columnTypes: result.columnTypes.map(type) };
  };
}
