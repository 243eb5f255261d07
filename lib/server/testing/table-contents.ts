import type { Database } from "@/lib/db";

/** What may change by being asked at all: counters of use, the key of the day, what is made again at any time. */
const ownTables = new Set([
  ...["limit_uses", "network_keys", "server_samples", "usage_days", "usage_records", "board_fits"],
  ...["api_key_counters", "api_key_in_flight", "model_shares", "worker_shares"],
]);
/** A reader of a board may have it fitted: rows are added, none is changed. */
const growingTables = new Set(["rating_snapshots"]);

/** For tests: by table, a digest of each row. */
export type TableContents = ReadonlyMap<string, readonly string[]>;

export async function readContents(db: Database): Promise<TableContents> {
  const tables = await db.$queryRaw<{ name: string }[]>`
    SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`;
  const contents = new Map<string, readonly string[]>();
  for (const { name } of tables.filter((table) => !ownTables.has(table.name))) {
    const rows = await db.$queryRawUnsafe<{ digest: string }[]>(
      `SELECT md5(row::text) AS digest FROM "${name}" AS row ORDER BY 1`,
    );
    contents.set(
      name,
      rows.map(({ digest }) => digest),
    );
  }
  return contents;
}

/** A line for each table that is not as it was: how many of its rows are gone (or changed), how many are new. */
export function changesBetween(before: TableContents, after: TableContents): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((name) => {
    const gone = without(before.get(name), after.get(name));
    const added = growingTables.has(name) ? 0 : without(after.get(name), before.get(name));
    return gone + added === 0 ? [] : [`${name}: ${gone} rows gone, ${added} rows new`];
  });
}

/** How many of the first list are not in the second, each counted as often as it is there. */
function without(rows: readonly string[] = [], others: readonly string[] = []): number {
  const counts = new Map<string, number>();
  for (const row of others) counts.set(row, (counts.get(row) ?? 0) + 1);
  return rows.filter((row) => {
    const left = counts.get(row) ?? 0;
    counts.set(row, left - 1);
    return left <= 0;
  }).length;
}
