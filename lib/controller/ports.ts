import type { Readable } from "node:stream";
import type { HeartbeatRequest, RegisterRequest } from "@/lib/protocol";
import type { CancelSignal } from "./cancel-signal";
import type { ModelSettings, WorkerRecord } from "./core/types";

/** A registration that was allowed. */
export type Registration = RegisterRequest & {
  /** Row of `join_tokens` with which it was made; absent or null: ARENA_JOIN_TOKEN. */
  joinTokenId?: string | null;
};

/** The registry that all servers share. Errors of each call: `database_unavailable`. */
export type WorkerStore = {
  /**
   * A new row, or the row of the same instance with a new life. Closes older rows at the same address that were made with the
   * same join token: an address has one listener. Those of other tokens are closed when the address has taken the new secret.
   */
  register(request: Registration, now: number): Promise<WorkerRecord>;
  /** The row after the heartbeat; null where there is no such row or its worker has left. */
  heartbeat(workerId: string, report: HeartbeatRequest, now: number): Promise<WorkerRecord | null>;
  leave(workerId: string, now: number): Promise<void>;
  /** One row; null where there is none. */
  get(workerId: string): Promise<WorkerRecord | null>;
  /** Rows that reported or left at or after `since`. */
  list(since: number): Promise<WorkerRecord[]>;
};

/** What the operator has set for the models, by name. A model that is not in the map has the defaults. */
export type ModelSettingsSource = {
  /** Errors: `database_unavailable`. */
  list(): Promise<ReadonlyMap<string, ModelSettings>>;
};

/** What one server would use of the places of a worker or of a model now: altogether, and for people. */
type Wish = { demand: number; people: number };

/** What one server holds of them, and would use. */
export type Share = Wish & { serverId: string; places: number };

export type ShareDecision = {
  /** What this server holds from now on. */
  places: number;
  /** The others are to divide them anew soon: they have more than their part, or this server has given something back. */
  tellsOthers: boolean;
};

/** How the servers divide the places of workers, or of models with a limit. Errors of each call: `database_unavailable`. */
export type ShareStore = {
  /** This server among them. */
  readonly serverId: string;
  /**
   * Tells what this server would use of each subject (a worker's id, or a model's name). `decide` gets the shares of all
   * servers that live, this one's included, while none of them can change.
   */
  exchange(
    demands: readonly (Wish & { subject: string })[],
    decide: (subject: string, shares: readonly Share[]) => ShareDecision,
  ): Promise<void>;
  /** This server holds nothing any more. */
  leave(): Promise<void>;
};

/**
 * What has changed in the shared registry: one worker's row, or the settings of some models; or a server asks the others to
 * divide what they share anew.
 */
export type RegistryChange =
  | { kind: "worker"; workerId: string }
  | { kind: "models" }
  | { kind: "shares"; serverId: string };

/** News of the shared registry as it changes. News can be lost while the feed is down: after `onUp` everything is read. */
export type ChangeFeed = {
  /** Begins to listen, and again after every loss, until `stop`. */
  start(listener: {
    onChange: (change: RegistryChange) => void;
    onUp: () => void;
    onDown: (error: unknown) => void;
  }): void;
  stop(): Promise<void>;
};

/** What a join token says of the workers that register with it. */
export type JoinGrant = {
  /** Row of `join_tokens`; null: the token of ARENA_JOIN_TOKEN. */
  tokenId: string | null;
  /** Pool to which they belong, whatever they ask for; null: the one that they ask for. */
  pool: string | null;
};

/** Who may register workers. Asked once for each registration, before anything else is done with it. */
export type JoinTokenVerifier = {
  /**
   * Resolves when the token lets its holder offer every one of these models, by their public names. Compares in constant
   * time. Errors: `invalid_join_token` (unknown, expired or revoked), `forbidden` (a model outside the token's patterns;
   * the message names it), `database_unavailable`.
   */
  verify(token: string, modelNames: readonly string[]): Promise<JoinGrant>;
};

export type WorkerAddress = { readonly id: string; readonly url: string };

export type WorkerRequest = {
  worker: WorkerAddress;
  path: string;
  body: string | Buffer;
  requestId: string;
  /** Where the worker's own spans belong; absent: nothing is traced. */
  traceparent?: string | undefined;
  /** Nothing of the answer comes before all of it was made. */
  isWhole: boolean;
  signal: CancelSignal;
  /**
   * Called exactly once, when the exchange is over: with null at the worker's regular end, otherwise with the failure.
   * Nothing else may release what the request holds.
   */
  onSettled: (failure: WorkerFailure | null) => void;
};

export type WorkerAnswer = {
  status: number;
  contentType: string;
  contentLength: number | null;
  /** The worker's own wish, in seconds; null where it named none. */
  retryAfterSeconds: number | null;
  /** The answer ended without a byte of body. */
  isEmpty: boolean;
} & AnswerBody;

/** A short answer of known length comes as a whole, every other as a stream. */
export type AnswerBody =
  | { whole: Buffer; body: null }
  /** Errors with `upstream_failed` or `upstream_timeout`, or with the signal's reason. */
  | { whole: null; body: Readable };

export type WorkerClient = {
  /**
   * Resolves with the first byte of the body, or its end; a short body is whole by then. Rejects with a
   * {@link WorkerFailure} before that.
   */
  send(request: WorkerRequest): Promise<WorkerAnswer>;
  /** Whether the worker at this address answers and takes its own secret. */
  probe(worker: WorkerAddress): Promise<boolean>;
  /** Closes the worker's idle connections. */
  forget(workerId: string): void;
  /** Ends everything that runs at the worker: its exchanges fail as if the connection had broken. */
  cutOff(workerId: string): void;
  close(): Promise<void>;
};

/**
 * unreachable: refused, reset, no route, no such host; timeout: no byte in time; slow: the same, while other answers of the
 * worker went on; broken: an answer that is not HTTP or not whole, a stream that the worker itself ended with an error, or a
 * fault of this process; aborted: by the caller.
 */
export type WorkerFailureKind = "unreachable" | "timeout" | "slow" | "broken" | "aborted";

export class WorkerFailure extends Error {
  override readonly name = "WorkerFailure";
  readonly kind: WorkerFailureKind;

  constructor(kind: WorkerFailureKind, cause: unknown) {
    super(`The worker's answer failed: ${kind}.`, { cause });
    this.kind = kind;
  }

  /** No byte came in time. */
  get isLate(): boolean {
    return this.kind === "timeout" || this.kind === "slow";
  }
}

/** The part of a pino logger that the controller writes to. */
export type ControllerLogger = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};
