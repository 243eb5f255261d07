import { Client } from "pg";

/** A connection in which rows are streamed and stored in bulk, which Prisma's client cannot do. */
export type Connection = Client;

/** Opens a connection, and closes it whatever happens; an unfinished transaction is rolled back with it. */
export async function withConnection<T>(
  url: string,
  act: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // A connection that breaks between two queries makes the next one fail, which is where it is told.
  connection.on("error", () => undefined);
  try {
    await connection.connect();
    return await act(connection);
  } finally {
    await connection.end();
  }
}

export type Isolation = "READ COMMITTED" | "REPEATABLE READ";

/** Runs `act` in one transaction: committed when it returns, rolled back when it throws. */
export async function inTransaction<T>(
  connection: Connection,
  act: () => Promise<T>,
  isolation: Isolation = "READ COMMITTED",
): Promise<T> {
  await connection.query(`BEGIN ISOLATION LEVEL ${isolation}`);
  let result: T;
  try {
    result = await act();
  } catch (error) {
    await connection.query("ROLLBACK");
    throw error;
  }
  await connection.query("COMMIT");
  return result;
}

/** The rows of a query, a batch at a time. Needs a transaction; `name` is the cursor's. */
export async function* readBatches<Row extends object>(
  connection: Connection,
  name: string,
  sql: string,
  { values = [], batchSize = 5_000 }: { values?: unknown[]; batchSize?: number } = {},
): AsyncGenerator<Row[]> {
  await connection.query(`DECLARE ${name} NO SCROLL CURSOR FOR ${sql}`, values);
  for (;;) {
    const { rows } = await connection.query<Row>(`FETCH ${batchSize} FROM ${name}`);
    if (rows.length > 0) yield rows;
    if (rows.length < batchSize) break;
  }
  await connection.query(`CLOSE ${name}`);
}
