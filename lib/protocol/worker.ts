import { z } from "zod";

/**
 * What a worker and the controller say to each other.
 *
 *   POST   /api/workers                 Bearer <join token>   registerRequest  → 201 registerResponse
 *   POST   /api/workers/:id/heartbeat   Bearer <secret>       heartbeatRequest → 200 heartbeatResponse | 410 worker_unknown
 *   DELETE /api/workers/:id             Bearer <secret>       → 204; no new request is sent, running streams go on
 *
 * The controller calls the worker's own OpenAI-style server with the same secret as bearer token and an `x-request-id`.
 */

/** Public model name, as a client writes it in `model`; upper and lower case differ. */
export const modelNameSchema = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._:/@+-]*$/u, "letters, digits and . _ : / @ + - only");

export const capabilitySchema = z.enum([
  "chat",
  "completion",
  "embedding",
  "vision",
  "tools",
  "json",
  "logprobs",
]);
export type Capability = z.infer<typeof capabilitySchema>;

export const offeredModelSchema = z.object({
  name: modelNameSchema,
  /** What a person reads, e.g. "Demo 13M". */
  displayName: z.string().min(1).max(128),
  organization: z.string().max(128).nullable(),
  /** SPDX id or the licence's own name. */
  licence: z.string().max(128).nullable(),
  /** Tokens that prompt and answer may have together. */
  contextLength: z.number().int().positive(),
  capabilities: z.array(capabilitySchema).min(1),
  /** How it samples where a request names nothing else, as far as the engine knows. */
  defaults: z
    .object({
      temperature: z.number().nonnegative(),
      topP: z.number().min(0).max(1),
      topK: z.number().int().nonnegative(),
    })
    .partial()
    .optional(),
  /** Marks such as "demo" (one of the bundled models). */
  tags: z.array(z.string().max(32)).max(16).default([]),
});
export type OfferedModel = z.infer<typeof offeredModelSchema>;

export const engineNameSchema = z.enum(["llama", "attach", "transformers", "mock"]);
export type EngineName = z.infer<typeof engineNameSchema>;

/** Name of a group of workers, to which keys and requests may be restricted. */
export const poolNameSchema = z
  .string()
  .max(64)
  .regex(/^[a-z0-9][a-z0-9._-]*$/, "small letters, digits and . _ - only");

/** The pool of a worker that names none. */
export const defaultPool = "default";

export const registerRequestSchema = z.object({
  /** Made once by the worker process; the same process that registers again keeps its id. */
  instanceId: z.uuid(),
  /** Base address without a path, e.g. `http://127.0.0.1:41001`. */
  url: z.url({ protocol: /^https?$/ }).max(512),
  engine: engineNameSchema,
  version: z.string().max(64),
  /** Processor or GPU in words. */
  device: z.string().max(256),
  /** Requests that the worker answers at the same time. */
  slots: z.number().int().min(1).max(4096),
  /** Absent: {@link defaultPool}. */
  pool: poolNameSchema.optional(),
  models: z.array(offeredModelSchema).min(1).max(256),
});
export type RegisterRequest = z.infer<typeof registerRequestSchema>;

export const registerResponseSchema = z.object({
  workerId: z.uuid(),
  secret: z.string().min(32),
  heartbeatMs: z.number().int().positive(),
});
export type RegisterResponse = z.infer<typeof registerResponseSchema>;

export const heartbeatRequestSchema = z.object({
  /** Requests being answered now. */
  busySlots: z.number().int().nonnegative(),
  /** Requests that wait inside the worker. */
  queued: z.number().int().nonnegative(),
  /** Mean generation speed of the last requests, tokens per second; null before the first one. */
  tokensPerSecond: z.number().nonnegative().nullable(),
});
export type HeartbeatRequest = z.infer<typeof heartbeatRequestSchema>;

/**
 * What the operator wants of a worker. draining: take nothing new, finish what runs, stay; ejected: the servers send
 * nothing, the worker itself has nothing to do; restarting: drain, then end so that the supervisor starts it again.
 */
export const workerOrderSchema = z.enum(["serving", "draining", "ejected", "restarting"]);
export type WorkerOrder = z.infer<typeof workerOrderSchema>;

export const heartbeatResponseSchema = z.object({
  heartbeatMs: z.number().int().positive(),
  /** Absent: a controller that gives no orders. */
  order: workerOrderSchema.optional(),
});
export type HeartbeatResponse = z.infer<typeof heartbeatResponseSchema>;
