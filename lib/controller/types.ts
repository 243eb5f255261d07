import type { Readable } from "node:stream";
import type {
  Capability,
  EngineName,
  HeartbeatRequest,
  HeartbeatResponse,
  OfferedModel,
  RegisterRequest,
  RegisterResponse,
  WorkerOrder,
} from "@/lib/protocol";
import type { CancelSignal } from "./cancel-signal";

/** A person waiting in the browser goes before a program. */
export type Priority = "interactive" | "batch";

/** Where a dispatch tells of its steps, for traces. Must not throw. */
export type DispatchTrace = {
  /** The request stands in line from now on, until the returned function is called. */
  waiting(): () => void;
  /** The request goes to a worker. */
  attempt(workerId: string): AttemptTrace;
};

export type AttemptTrace = {
  /** For the worker: where its own spans belong (W3C Trace Context). */
  readonly traceparent: string;
  /** What the attempt has come to: `answered`, `busy`, `timeout` … Once, before `end` or after it. */
  judged(outcome: string): void;
  /** The exchange is over: `complete`, or how it failed. Once. */
  end(ending: string): void;
};

/** Hears what becomes of a dispatch before there is an answer. Must not throw. */
export type DispatchListener = {
  /** The request goes to a worker now; again with each further attempt. */
  sent(): void;
};

export type DispatchRequest = {
  /** Public model name. */
  model: string;
  /** Path on the worker, e.g. `/v1/chat/completions`. */
  path: string;
  /** The request's JSON body, forwarded as it is. */
  body: string | Buffer;
  requestId: string;
  priority: Priority;
  /**
   * Nothing of the answer comes before all of it was made, as without `stream`: its first byte may take as long as
   * ARENA_WHOLE_ANSWER_TIMEOUT_MS says. Default: false.
   */
  isWhole?: boolean | undefined;
  /** Aborts the wait and the worker's answer. */
  signal: CancelSignal;
  /** Pools of workers that may take it. Default: all. */
  pools?: readonly string[] | undefined;
  /** Whether models of the stage `experimental` exist for it. Default: false. */
  allowExperimental?: boolean | undefined;
  /**
   * Requests with the same key go to the same worker where nothing else speaks for another, so that it can reuse what it
   * has computed: the same for all turns of a conversation. Best made by `affinityKeyOf`. Default: none.
   */
  affinityKey?: string | undefined;
  /**
   * Called when the request has to wait in line, with the number of requests before it, and again when that number has
   * changed, at most twice a second. Not called when a place is free. Must not throw.
   */
  onQueued?: ((ahead: number) => void) | undefined;
  /** Default: nothing is traced. */
  trace?: DispatchTrace | null | undefined;
  /** Default: nobody listens. */
  listener?: DispatchListener | undefined;
};

export type DispatchResponse = {
  /** The worker's own status: 200, or a 4xx that is the caller's fault and is not retried elsewhere. */
  status: number;
  contentType: string;
  /** Bytes that the body will have, where the worker said so; null or absent otherwise. */
  contentLength?: number | null;
  /** The body's bytes where it was short and has come already: `body`, made on demand, then gives the same. */
  whole?: Buffer | null;
  /** The worker's bytes. Its end, error or `destroy()` releases the claim, whichever comes first, once. */
  body: Readable;
  workerId: string;
  /** Milliseconds from the call to the claim. */
  queueWaitMs: number;
};

/** A model that at least one healthy worker serves now. */
export type ServedModel = Omit<OfferedModel, "capabilities"> & {
  capabilities: readonly Capability[];
  /** public: for everyone; experimental: for requests with `allowExperimental`. */
  stage: "public" | "experimental";
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
  pool: string;
  models: readonly string[];
  /** Requests of this process there now. */
  outstanding: number;
  /** As the worker itself reported last: of all servers. */
  busySlots: number;
  queued: number;
  /** Mean speed of one request, as the worker reported last; null before its first. */
  tokensPerSecond: number | null;
  order: WorkerOrder;
  /** ejected: out for a while after errors in a row, or by the operator's order. */
  health: "healthy" | "out" | "ejected" | "draining" | "leaving";
  /** As this process has seen them. */
  errorsInARow: number;
  /** End of the term of an ejection by errors, as this process counts it. */
  ejectedUntil: Date | null;
  registeredAt: Date;
  /** Latest sign of life: a heartbeat, or the answer to a probe. */
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
   * Sends the request to the best worker of the model and hands back the worker's bytes; while all are full it waits in
   * line, people before programs. A failure before the first byte goes to another worker. Errors: `model_not_found`,
   * `no_worker_available` (with `details.retryAfterSeconds`, also for a line that is full or did not move in time),
   * `upstream_failed`, `upstream_timeout`, `shutting_down`; an aborted signal's own reason. After the first byte the
   * body errors with the same.
   */
  dispatch(request: DispatchRequest): Promise<DispatchResponse>;
  /**
   * Models with a healthy worker, by name; retired ones never, experimental ones only on request. With `pools`, only what the workers
   * of these offer.
   */
  models(options?: { includeExperimental?: boolean; pools?: readonly string[] | undefined }): ServedModel[];
  /** Tokens that the callers of the API may use of the model in a minute, all together; null: no limit. */
  tokenLimit(model: string): { modelId: string; tokensPerMinute: number } | null;
  workers(): WorkerView[];
  /** Requests of this process that wait in line, by class, and that are with workers. */
  queue(): Readonly<Record<Priority, number>> & { running: number };
  /** Called with the offered models after each registration; awaited before the registration is answered. */
  onModelsOffered(listener: (models: readonly OfferedModel[]) => Promise<void>): void;
  close(): Promise<void>;
};
