import { z } from "zod";
import { engineNameSchema, workerOrderSchema } from "../worker";
import { noticesSchema } from "./queues";

/**
 * Workers in the operator's console.
 *
 *   GET  /api/admin/workers            → adminWorkersSchema
 *   POST /api/admin/workers/:id/order  workerOrderRequestSchema → 204
 */

/** What an operator can do to a worker; `resume` takes any earlier order back. */
export const workerActionSchema = z.enum(["drain", "eject", "restart", "resume"]);
export type WorkerAction = z.infer<typeof workerActionSchema>;

export const workerOrderRequestSchema = z.strictObject({ action: workerActionSchema });

/**
 * slow: healthy, but the median of its first tokens is above two seconds; silent: heartbeats are missing; unreachable: it
 * refused or broke a connection; failing: ejected by errors; ejected: by the operator.
 */
export const workerStateSchema = z.enum([
  "healthy",
  "slow",
  "draining",
  "drained",
  "restarting",
  "ejected",
  "failing",
  "silent",
  "unreachable",
]);
export type WorkerState = z.infer<typeof workerStateSchema>;

export const adminWorkerSchema = z.object({
  id: z.uuid(),
  /** Host and port. */
  address: z.string(),
  engine: engineNameSchema,
  version: z.string(),
  device: z.string(),
  pool: z.string(),
  models: z.array(z.string()),
  /** Models of it that no other healthy worker serves. */
  onlyHere: z.array(z.string()),
  slots: z.number().int(),
  busySlots: z.number().int(),
  queued: z.number().int(),
  /** Of all its requests together, estimated: the speed of one, times those that run. */
  tokensPerSecond: z.number().nullable(),
  /** The same over the last 15 minutes, oldest first; fewer points where this server has not run for so long. */
  speedHistory: z.array(z.number()),
  /** Median over the last 15 minutes; null without an answer. */
  firstTokenMs: z.number().nullable(),
  state: workerStateSchema,
  order: workerOrderSchema,
  orderedBy: z.string().nullable(),
  orderedAt: z.coerce.date().nullable(),
  errorsInARow: z.number().int(),
  ejectedUntil: z.coerce.date().nullable(),
  heartbeatAt: z.coerce.date(),
});
export type AdminWorker = z.infer<typeof adminWorkerSchema>;

export const adminWorkersSchema = z.object({
  workers: z.array(adminWorkerSchema),
  figures: z.object({
    busySlots: z.number().int(),
    slots: z.number().int(),
    tokensPerSecond: z.number(),
    /** In the servers' lines and inside workers. */
    waiting: z.number().int(),
    firstTokenMedianMs: z.number().nullable(),
    firstTokenP99Ms: z.number().nullable(),
    /** Of the last 15 minutes. */
    answers: z.number().int(),
    failed: z.number().int(),
  }),
  heartbeatMs: z.number().int(),
  notices: noticesSchema,
  at: z.coerce.date(),
});
export type AdminWorkers = z.infer<typeof adminWorkersSchema>;
