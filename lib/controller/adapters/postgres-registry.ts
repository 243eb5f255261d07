import { v7 as uuidv7 } from "uuid";
import { z } from "zod";
import { type Database, databaseError } from "@/lib/db";
import { defaultPool, engineNameSchema, offeredModelSchema } from "@/lib/protocol";
import type { WorkerRecord } from "../core/types";
import type { WorkerStore } from "../ports";

/**
 * The `workers` table. Times come from the server that writes: servers on several machines need clocks that agree
 * within a fraction of a heartbeat, which NTP gives.
 */
export function createPostgresRegistry(db: Database): WorkerStore {
  return {
    register: (request, now) =>
      guarded(async () => {
        const at = new Date(now);
        const joinTokenId = request.joinTokenId ?? null;
        const life = {
          url: request.url,
          engine: request.engine,
          version: request.version,
          device: request.device,
          slots: request.slots,
          pool: request.pool ?? defaultPool,
          models: request.models,
          busySlots: 0,
          queued: 0,
          tokensPerSecond: null,
          registeredAt: at,
          heartbeatAt: at,
          leftAt: null,
          joinTokenId,
        };
        const [, row] = await db.$transaction([
          db.worker.updateMany({
            where: { url: request.url, leftAt: null, joinTokenId, instanceId: { not: request.instanceId } },
            data: { leftAt: at },
          }),
          db.worker.upsert({
            where: { instanceId: request.instanceId },
            create: { id: uuidv7(), instanceId: request.instanceId, ...life },
            update: life,
          }),
        ]);
        return toRecord(row);
      }),

    heartbeat: (workerId, report, now) =>
      guarded(async () => {
        const { busySlots, queued, tokensPerSecond } = report;
        const [row] = await db.worker.updateManyAndReturn({
          where: { id: workerId, leftAt: null },
          data: { busySlots, queued, tokensPerSecond, heartbeatAt: new Date(now) },
        });
        return row === undefined ? null : toRecord(row);
      }),

    leave: (workerId, now) =>
      guarded(async () => {
        await db.worker.updateMany({
          where: { id: workerId, leftAt: null },
          data: { leftAt: new Date(now) },
        });
      }),

    get: (workerId) =>
      guarded(async () => {
        const row = await db.worker.findUnique({ where: { id: workerId } });
        return row === null ? null : toRecord(row);
      }),

    list: (since) =>
      guarded(async () => {
        const at = new Date(since);
        const rows = await db.worker.findMany({
          where: { OR: [{ leftAt: null, heartbeatAt: { gte: at } }, { leftAt: { gte: at } }] },
          orderBy: { id: "asc" },
        });
        return rows.map(toRecord);
      }),
  };
}

type WorkerRow = Awaited<ReturnType<Database["worker"]["findUniqueOrThrow"]>>;

const modelsSchema = z.array(offeredModelSchema);

function toRecord(row: WorkerRow): WorkerRecord {
  return {
    id: row.id,
    instanceId: row.instanceId,
    url: row.url,
    engine: engineNameSchema.parse(row.engine),
    version: row.version,
    device: row.device,
    slots: row.slots,
    pool: row.pool,
    models: modelsSchema.parse(row.models),
    busySlots: row.busySlots,
    queued: row.queued,
    tokensPerSecond: row.tokensPerSecond,
    registeredAt: row.registeredAt.getTime(),
    heartbeatAt: row.heartbeatAt.getTime(),
    leftAt: row.leftAt?.getTime() ?? null,
    order: row.order,
    joinTokenId: row.joinTokenId,
  };
}

async function guarded<T>(query: () => Promise<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    throw databaseError(error);
  }
}
