import { z } from "zod";
import type { Database } from "@/lib/db";
import type { WorkerOrder } from "@/lib/protocol";

export type WorkerRow = {
  id: string;
  url: string;
  engine: string;
  version: string;
  /** Processor or GPU in words. */
  device: string;
  pool: string;
  slots: number;
  busySlots: number;
  queued: number;
  tokensPerSecond: number | null;
  models: string[];
  registeredAt: Date;
  heartbeatAt: Date;
  leftAt: Date | null;
  order: WorkerOrder;
  orderedAt: Date | null;
  orderedBy: string | null;
  /** Shown part of the join token; null: ARENA_JOIN_TOKEN. */
  joinToken: string | null;
};

const modelsSchema = z.array(z.object({ name: z.string() }));

/** Newest first. Without `all`: those that have not left and have reported within the last hour. */
export async function listWorkers(
  db: Database,
  { all = false, now = new Date() } = {},
): Promise<WorkerRow[]> {
  const since = new Date(now.getTime() - 3_600_000);
  const rows = await db.worker.findMany({
    where: all ? {} : { leftAt: null, heartbeatAt: { gte: since } },
    orderBy: { registeredAt: "desc" },
  });
  const ids = [...new Set(rows.flatMap(({ joinTokenId }) => joinTokenId ?? []))];
  const tokens = await db.joinToken.findMany({
    where: { id: { in: ids } },
    select: { id: true, prefix: true },
  });
  const prefixes = new Map(tokens.map(({ id, prefix }) => [id, prefix]));
  return rows.map(({ joinTokenId, models, instanceId: _, ...row }) => ({
    ...row,
    models: modelsSchema.parse(models).map(({ name }) => name),
    joinToken: joinTokenId === null ? null : (prefixes.get(joinTokenId) ?? null),
  }));
}
