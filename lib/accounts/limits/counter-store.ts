import { z } from "zod";
import { type Database, databaseError } from "@/lib/db";
import type { Delta, Total } from "./limiter";
import { windowMs } from "./window-counter";

/** The counts that all servers share. Errors of each call: `database_unavailable`. */
export type CounterStore = {
  add(deltas: readonly Delta[]): Promise<void>;
  /** Counts of the windows that matter at `now`. */
  read(keyIds: readonly string[], now: number): Promise<Total[]>;
  /** Says what this server is answering, and hears what the others are. */
  exchangeInFlight(counts: readonly { keyId: string; inFlight: number }[]): Promise<Map<string, number>>;
  /** This server answers nothing any more. */
  leave(): Promise<void>;
  removeOld(now: number): Promise<void>;
};

const totalSchema = z.object({
  keyId: z.string(),
  window: z.enum(["minute", "day"]),
  startsAt: z.number(),
  requests: z.number(),
  tokens: z.number(),
});
const inFlightSchema = z.object({ keyId: z.string(), inFlight: z.number() });

export function createCounterStore(db: Database, serverId: string): CounterStore {
  return {
    add: (deltas) =>
      guarded(async () => {
        const rows = deltas.map((delta) => ({ ...delta, startsAt: new Date(delta.startsAt) }));
        // In one order at all servers, so that no two wait for each other's rows.
        await db.$executeRaw`
          INSERT INTO api_key_counters (key_id, "window", starts_at, requests, tokens)
          SELECT "keyId", "window"::limit_window, "startsAt", requests, tokens
          FROM json_to_recordset(${JSON.stringify(rows)}::json)
            AS d("keyId" uuid, "window" text, "startsAt" timestamptz, requests bigint, tokens bigint)
          ORDER BY 1, 2, 3
          ON CONFLICT (key_id, "window", starts_at) DO UPDATE
          SET requests = api_key_counters.requests + excluded.requests,
              tokens = api_key_counters.tokens + excluded.tokens`;
      }),

    read: (keyIds, now) =>
      guarded(async () => {
        const minute = new Date(now - (now % windowMs.minute) - windowMs.minute);
        const day = new Date(now - (now % windowMs.day));
        const rows = await db.$queryRaw`
          SELECT key_id AS "keyId", "window"::text, requests::float8, tokens::float8,
                 (extract(epoch FROM starts_at) * 1000)::float8 AS "startsAt"
          FROM api_key_counters
          WHERE key_id = ANY(${keyIds}::uuid[])
            AND (("window" = 'minute' AND starts_at >= ${minute}) OR ("window" = 'day' AND starts_at = ${day}))`;
        return z.array(totalSchema).parse(rows);
      }),

    exchangeInFlight: (counts) =>
      guarded(async () => {
        // The database's clock: rows of a server that has died must end for all others at the same time.
        await db.$executeRaw`
          INSERT INTO api_key_in_flight (key_id, server_id, in_flight, updated_at)
          SELECT "keyId", ${serverId}::uuid, "inFlight", now()
          FROM json_to_recordset(${JSON.stringify(counts)}::json) AS c("keyId" uuid, "inFlight" int)
          ON CONFLICT (key_id, server_id) DO UPDATE
          SET in_flight = excluded.in_flight, updated_at = excluded.updated_at`;
        const keyIds = counts.map(({ keyId }) => keyId);
        const rows = await db.$queryRaw`
          SELECT key_id AS "keyId", sum(in_flight)::float8 AS "inFlight"
          FROM api_key_in_flight
          WHERE key_id = ANY(${keyIds}::uuid[]) AND server_id <> ${serverId}::uuid
            AND updated_at > now() - interval '5 seconds'
          GROUP BY key_id`;
        return new Map(
          z
            .array(inFlightSchema)
            .parse(rows)
            .map((row) => [row.keyId, row.inFlight]),
        );
      }),

    leave: () =>
      guarded(async () => {
        await db.apiKeyInFlight.deleteMany({ where: { serverId } });
      }),

    removeOld: (now) =>
      guarded(async () => {
        const minutes = new Date(now - 10 * windowMs.minute);
        const days = new Date(now - 3 * windowMs.day);
        await db.apiKeyCounter.deleteMany({
          where: { OR: [{ window: "minute", startsAt: { lt: minutes } }, { startsAt: { lt: days } }] },
        });
        await db.apiKeyInFlight.deleteMany({ where: { updatedAt: { lt: minutes } } });
      }),
  };
}

async function guarded<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    throw databaseError(error);
  }
}
