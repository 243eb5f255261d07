import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Database, databaseError } from "@/lib/db";
import type { ModelShareStore } from "../ports";

const rowSchema = z.object({
  model: z.string(),
  serverId: z.string(),
  demand: z.number(),
  places: z.number(),
});

/** Any number, the same at all servers. Whoever holds this lock of the database may change the shares. */
const sharesLock = 5_140_391;

/** The table `model_shares`. A row that was not renewed for five seconds belongs to a server that has died. */
export function createPostgresModelShares(db: Database, serverId: string = randomUUID()): ModelShareStore {
  return {
    serverId,

    exchange: async (demands, decide) => {
      const models = demands.map(({ model }) => model);
      try {
        await db.$transaction(async (transaction) => {
          // A statement of its own, so that those after it see what the holder before has written.
          await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${sharesLock})`;
          await transaction.$executeRaw`
            INSERT INTO model_shares (model, server_id, demand, places, updated_at)
            SELECT model, ${serverId}::uuid, demand, 0, clock_timestamp()
            FROM json_to_recordset(${JSON.stringify(demands)}::json) AS d(model text, demand int)
            ON CONFLICT (model, server_id) DO UPDATE
            SET demand = excluded.demand, updated_at = excluded.updated_at`;
          const rows = z.array(rowSchema).parse(
            await transaction.$queryRaw`
              SELECT model, server_id::text AS "serverId", demand, places FROM model_shares
              WHERE model = ANY(${models}) AND updated_at > clock_timestamp() - interval '5 seconds'`,
          );
          const decided = models.map((model) => ({
            model,
            places: decide(
              model,
              rows.filter((row) => row.model === model),
            ),
          }));
          await transaction.$executeRaw`
            UPDATE model_shares SET places = d.places
            FROM json_to_recordset(${JSON.stringify(decided)}::json) AS d(model text, places int)
            WHERE model_shares.model = d.model AND server_id = ${serverId}::uuid`;
          await transaction.$executeRaw`
            DELETE FROM model_shares WHERE updated_at < clock_timestamp() - interval '1 minute'`;
        });
      } catch (error) {
        throw databaseError(error);
      }
    },

    leave: async () => {
      try {
        await db.modelShare.deleteMany({ where: { serverId } });
      } catch (error) {
        throw databaseError(error);
      }
    },
  };
}
