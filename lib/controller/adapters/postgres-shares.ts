import { z } from "zod";
import { type Database, databaseError } from "@/lib/db";
import type { ShareStore } from "../ports";
import { registryChannel } from "./postgres-changes";

const rowSchema = z.object({
  subject: z.string(),
  serverId: z.string(),
  demand: z.number(),
  people: z.number(),
  places: z.number(),
});

/** Where the shares of one kind are. Names and casts of the SQL below: constants, nothing that anybody sends. */
type SharesTable = {
  table: string;
  column: string;
  type: "text" | "uuid";
  /** Whoever holds this lock of the database may change the shares. Any number, the same at all servers. */
  lock: number;
  /** A row that was not renewed for so long belongs to a server that has died. */
  lifeSeconds: number;
};

const ofModels: SharesTable = {
  table: "model_shares",
  column: "model",
  type: "text",
  lock: 5_140_391,
  lifeSeconds: 5,
};

/** A worker bears a few requests too many for a while better than an idle slot, so its shares come back sooner. */
const ofWorkers: SharesTable = {
  table: "worker_shares",
  column: "worker_id",
  type: "uuid",
  lock: 5_140_392,
  lifeSeconds: 3,
};

/** Of so many exchanges one removes the rows of servers that have died. */
const cleanEvery = 60;

/** How the servers divide the limits of models: the table `model_shares`. `serverId`: a UUID of this server's own. */
export const createPostgresModelShares = (db: Database, serverId: string): ShareStore =>
  createShares(db, serverId, ofModels);

/** How the servers divide the places of workers: the table `worker_shares`. `serverId`: a UUID of this server's own. */
export const createPostgresWorkerShares = (db: Database, serverId: string): ShareStore =>
  createShares(db, serverId, ofWorkers);

function createShares(db: Database, serverId: string, shares: SharesTable): ShareStore {
  const { table, column, type, lock, lifeSeconds } = shares;
  const sql = {
    // A server that is stopped while it holds the lock loses it, and nobody waits for it much longer than it may live.
    lock: `
      SELECT set_config('idle_in_transaction_session_timeout', '${lifeSeconds}s', true),
        set_config('lock_timeout', '${lifeSeconds}s', true), pg_advisory_xact_lock(${lock})`,
    demand: `
      INSERT INTO ${table} (${column}, server_id, demand, people, places, updated_at)
      SELECT subject, $1::uuid, demand, people, 0, clock_timestamp()
      FROM json_to_recordset($2::json) AS d(subject ${type}, demand int, people int)
      ON CONFLICT (${column}, server_id) DO UPDATE
      SET demand = excluded.demand, people = excluded.people, updated_at = excluded.updated_at`,
    read: `
      SELECT ${column}::text AS "subject", server_id::text AS "serverId", demand, people, places FROM ${table}
      WHERE ${column} = ANY($1::${type}[]) AND updated_at > clock_timestamp() - interval '${lifeSeconds} seconds'`,
    write: `
      UPDATE ${table} SET places = d.places
      FROM json_to_recordset($2::json) AS d(subject ${type}, places int)
      WHERE ${table}.${column} = d.subject AND server_id = $1::uuid`,
    clean: `DELETE FROM ${table} WHERE updated_at < clock_timestamp() - interval '1 minute'`,
    leave: `DELETE FROM ${table} WHERE server_id = $1::uuid`,
    tell: `SELECT pg_notify('${registryChannel}', $1)`,
  };
  let exchanges = 0;
  return {
    serverId,

    exchange: async (demands, decide) => {
      const subjects = demands.map(({ subject }) => subject);
      try {
        await db.$transaction(async (transaction) => {
          // A statement of its own, so that those after it see what the holder before has written.
          await transaction.$executeRawUnsafe(sql.lock);
          await transaction.$executeRawUnsafe(sql.demand, serverId, JSON.stringify(demands));
          const rows = z.array(rowSchema).parse(await transaction.$queryRawUnsafe(sql.read, subjects));
          const bySubject = new Map<string, typeof rows>(subjects.map((subject) => [subject, []]));
          for (const row of rows) bySubject.get(row.subject)?.push(row);
          const decided = [...bySubject].map(([subject, held]) => ({ subject, ...decide(subject, held) }));
          const changed = decided.filter(({ subject, places }) =>
            bySubject.get(subject)?.some((row) => row.serverId === serverId && row.places !== places),
          );
          if (changed.length > 0) {
            await transaction.$executeRawUnsafe(sql.write, serverId, JSON.stringify(changed));
          }
          if (exchanges % cleanEvery === 0) await transaction.$executeRawUnsafe(sql.clean);
          exchanges += 1;
          // Heard at the commit, and not at all where this is rolled back.
          if (decided.some(({ tellsOthers }) => tellsOthers)) {
            await transaction.$executeRawUnsafe(sql.tell, `shares:${serverId}`);
          }
        });
      } catch (error) {
        throw databaseError(error);
      }
    },

    leave: async () => {
      try {
        await db.$executeRawUnsafe(sql.leave, serverId);
      } catch (error) {
        throw databaseError(error);
      }
    },
  };
}
