import type { Readable } from "node:stream";
import type {
  Capability,
  EngineName,
  HeartbeatRequest,
  HeartbeatResponse,
  OfferedModel,
  RegisterRequest,
  RegisterResponse,
} from "@/lib/protocol";

/** A person waiting in the browser goes before a program. */
export type Priority = "interactive" | "batch";

export type DispatchRequest = {
  /** Public model name. */
  model: string;
  /** Path on the worker, e.g. `/v1/chat/completions`. */
  path: string;
  /** The request's JSON body, forwarded as it is. */
  body: string | Buffer;
  requestId: string;
  priority: Priority;
  /** Aborts the wait and the worker's answer. */
  signal: AbortSignal;
};

export type DispatchResponse = {
  /** The worker's own status: 200, or a 4xx that is the caller's fault and is not retried elsewhere. */
  status: number;
  contentType: string;
  /** Bytes that the body will have, where the worker said so; null or absent otherwise. */
  contentLength?: number | null;
  /** The worker's bytes. Its end, error or `destroy()` releases the claim, whichever comes first, once. */
  body: Readable;
  workerId: string;
  /** Milliseconds from the call to the claim. */
  queueWaitMs: number;
};

/** A model that at least one healthy worker serves now. */
export type ServedModel = Omit<OfferedModel, "capabilities"> & {
  capabilities: readonly Capability[];
  workers: number;
  slots: number;
  /** Claims open now over all its workers. */
  outstanding: number;
};

export type WorkerView = {
  id: string;
  url: string;
  engine: EngineName;
  version: string;
  device: string;
  slots: number;
  models: readonly string[];
  outstanding: number;
  health: "healthy" | "out" | "leaving";
  heartbeatAt: Date;
};

export type Controller = {
  /** Errors: those of the join token's verifier, `invalid_request`, `worker_address_refused`, `database_unavailable`. */
  register(joinToken: string, request: RegisterRequest): Promise<RegisterResponse>;
  /** Errors: `worker_unknown`, `invalid_worker_secret`. */
  heartbeat(workerId: string, secret: string, report: HeartbeatRequest): Promise<HeartbeatResponse>;
  /** No new request goes to the worker; running streams end by themselves. Errors as `heartbeat`. */
  leave(workerId: string, secret: string): Promise<void>;
  /**
   * Sends the request to the best worker of the model and hands back the worker's bytes. A failure before the first
   * byte goes to another worker. Errors: `model_not_found`, `no_worker_available` (with `details.retryAfterSeconds`),
   * `upstream_failed`, `upstream_timeout`, `shutting_down`; an aborted signal's own reason. After the first byte the
   * body errors with the same.
   */
  dispatch(request: DispatchRequest): Promise<DispatchResponse>;
  /** Models with a healthy worker, by name. */
  models(): ServedModel[];
  workers(): WorkerView[];
  /** Called with the offered models after each registration; awaited before the registration is answered. */
  onModelsOffered(listener: (models: readonly OfferedModel[]) => Promise<void>): void;
  close(): Promise<void>;
};
