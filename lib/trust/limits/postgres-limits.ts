import { type Database, databaseError } from "@/lib/db";
import type { LimitItem, LimitState, LimitStore } from "./limit-store";

/** By the function `take_limits` of the database. Errors: `database_unavailable`. */
export function createPostgresLimits(db: Database, now?: () => number): LimitStore {
  return {
    async take(items) {
      if (items.length === 0) return [];
      const sent = JSON.stringify(items.map(toRow));
      try {
        const rows = await db.$queryRaw<{ key: string; used: bigint; waitMs: bigint }[]>`
          SELECT key, used, wait_ms AS "waitMs" FROM take_limits(${sent}::jsonb, ${now?.() ?? null}::bigint)`;
        const byKey = new Map(rows.map((row) => [row.key, row]));
        return items.map(({ key }): LimitState => {
          const row = byKey.get(key);
          return { key, used: Number(row?.used ?? 0), waitMs: Number(row?.waitMs ?? 0) };
        });
      } catch (error) {
        throw databaseError(error);
      }
    },
    close: async () => undefined,
  };
}

function toRow({ key, windowMs, max, cost }: LimitItem) {
  return { key, window_ms: windowMs, max, cost };
}
