import { PrismaPg } from "@prisma/adapter-pg";
import { Client } from "pg";
import { AppError } from "@/lib/errors";
import { databaseError } from "./database-error";
import { PrismaClient } from "./generated/client";

export type Database = PrismaClient;

export type DatabaseOptions = {
  /** Most connections that this process opens. Default 10. */
  maxConnections?: number;
};

/** A client over a pool of its own. It connects with the first query. Close it with {@link closeDatabase}. */
export function createDatabase(url: string, { maxConnections = 10 }: DatabaseOptions = {}): Database {
  const pool = { connectionString: url, max: maxConnections, connectionTimeoutMillis: 10_000 };
  return new PrismaClient({ adapter: new PrismaPg(pool) });
}

/** Resolves when every connection is closed; queries under way are finished first. */
export async function closeDatabase(db: Database): Promise<void> {
  await db.$disconnect();
}

/** The oldest PostgreSQL that the site is tried on. */
const oldestMajor = 15;

/**
 * Makes sure that the database answers and is new enough.
 * @throws `database_unavailable` with a sentence that names the host, never the password.
 */
export async function checkDatabase(url: string): Promise<void> {
  const client = clientFor(url);
  client.on("error", () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string }>(
      "SELECT current_setting('server_version_num') AS version",
    );
    const major = Math.floor(Number(rows[0]?.version) / 10_000);
    if (major >= oldestMajor) return;
    throw new AppError("database_unavailable", {
      message: `The database in DATABASE_URL is PostgreSQL ${major}; ${oldestMajor} or newer is needed.`,
    });
  } catch (error) {
    const known = databaseError(error);
    if (known === error) throw error;
    throw new AppError("database_unavailable", {
      message: `The database at ${client.host}:${client.port} (DATABASE_URL) cannot be reached: ${reasonOf(error)}.`,
      cause: error,
    });
  } finally {
    await client.end();
  }
}

function clientFor(url: string): Client {
  try {
    return new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  } catch (cause) {
    throw new AppError("database_unavailable", {
      message: "DATABASE_URL is not valid; it looks like postgresql://user:password@host:5432/database.",
      cause,
    });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return reasonOf(error.errors[0]);
  return error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
}
