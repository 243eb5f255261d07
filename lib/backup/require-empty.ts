import { AppError } from "@/lib/errors";
import type { Connection } from "@/lib/votes";
import { listTables } from "./tables";

/** What visitors and operators have made; what a migration or a worker puts there by itself is no loss. */
const preciousTables = ["battles", "votes", "external_votes", "conversations", "api_keys", "usage_records"];

/** Errors: `invalid_request` with the table that has rows which a restore would take away. */
export async function requireEmpty(connection: Connection): Promise<void> {
  const tables = (await listTables(connection)).map(({ name }) => name);
  for (const name of preciousTables.filter((precious) => tables.includes(precious))) {
    const { rowCount } = await connection.query(`SELECT 1 FROM ${connection.escapeIdentifier(name)} LIMIT 1`);
    if (rowCount === 0) continue;
    throw new AppError("invalid_request", {
      message: `This database is not empty: ${name} has rows. Take another one, or replace what it holds with --replace.`,
    });
  }
}
