import { Readable } from "node:stream";
import { AppError } from "@/lib/errors";
import type { CancelSignal } from "../cancel-signal";
import { type WorkerAnswer, WorkerFailure, type WorkerFailureKind } from "../ports";
import type { ConnectionPool, PooledTaker } from "./connection-pool";
import type { ResponseHead } from "./response-parser";
import { TailOfEvents } from "./tail-of-events";
import type { WorkerConnection } from "./worker-connection";

export type ExchangeOptions = {
  signal: CancelSignal;
  onSettled: (failure: WorkerFailure | null) => void;
  pool: ConnectionPool;
  /** Head and body, as they go over the wire. */
  request: Buffer;
  /** whole: nothing of the answer comes before all of it was made; probe: the answer says nothing of the worker's others. */
  kind: "stream" | "whole" | "probe";
};

/** An answer that says it is no longer than this is held until it is whole. A stream would hold as much unread. */
const maxHeldBytes = 64 * 1024;

/**
 * One request to a worker. A short answer is handed over as a whole, all others as a stream from their first byte on; most
 * requests of the API are the former, and cost no stream.
 *
 * It settles exactly once, in `#settle`, by whichever comes first of the worker's end, an error, the signal and
 * the stream's `destroy()`. It settles at the worker's end even if the reader is slow: from then on the worker is free.
 */
export class WorkerExchange implements PooledTaker {
  readonly answer: Promise<WorkerAnswer>;

  readonly #options: ExchangeOptions;
  #resolve: (answer: WorkerAnswer) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  /** Carries the request; null before that, and again once the exchange is over. */
  #connection: WorkerConnection | null = null;
  #head: ResponseHead | null = null;
  /** Chunks of a short answer. */
  #held: Buffer[] = [];
  /** Null while the answer is held, and where it was handed over as a whole. */
  #stream: BodyStream | null = null;
  /** Null while the answer is no event stream. */
  #tail: TailOfEvents | null = null;
  /** The pieces that come show that the worker goes on with its answers. */
  #isFlow = false;
  #isSettled = false;
  #isResent = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (options.signal.aborted) this.#onAbort();
    else {
      options.signal.addEventListener("abort", this.#onAbort);
      options.pool.send(this, options.request);
    }
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  get isStreaming(): boolean {
    return this.#stream !== null;
  }

  get awaitsWhole(): boolean {
    return this.#options.kind === "whole" && this.#head === null;
  }

  onConnection(connection: WorkerConnection): void {
    this.#connection = connection;
  }

  onHead(head: ResponseHead): void {
    this.#head = head;
    const isGood = head.status >= 200 && head.status < 300;
    this.#isFlow = isGood && this.#options.kind !== "probe";
    if (isGood && head.contentType.startsWith("text/event-stream")) this.#tail = new TailOfEvents();
  }

  onBody(bytes: Buffer): void {
    if (this.#isFlow) this.#options.pool.onFlow();
    this.#tail?.push(bytes);
    const length = this.#head?.contentLength ?? null;
    if (length !== null && length <= maxHeldBytes) this.#held.push(bytes);
    else if (!this.#streaming().push(bytes)) this.#connection?.pause();
  }

  onEnd(): void {
    this.#connection = null;
    this.#settle(this.#told());
    if (this.#stream !== null) {
      this.#stream.push(null);
      return;
    }
    const head = this.#head;
    // The parser tells of no end without a head.
    if (head === null) return;
    const whole = joined(this.#held);
    this.#held = [];
    this.#resolve({
      status: head.status,
      contentType: head.contentType,
      contentLength: head.contentLength,
      retryAfterSeconds: head.retryAfterSeconds,
      isEmpty: whole.length === 0,
      whole,
      body: null,
    });
  }

  onFailure(error: Error): void {
    if (this.#isSettled) return;
    const kind = failureKind(error);
    // A server may close an idle connection at the moment in which it is used again (RFC 9112, 9.3.1). Nothing was
    // answered, so the worker is not at fault: once more, over a connection that is certainly new.
    const isStale = kind === "unreachable" && this.#head === null && (this.#connection?.served ?? 0) > 0;
    this.#connection = null;
    if (isStale && !this.#isResent) {
      this.#isResent = true;
      this.#options.pool.sendFresh(this, this.#options.request);
      return;
    }
    this.#fail(new WorkerFailure(kind, error));
  }

  /** Ends the exchange from this side. */
  #onAbort = (): void => {
    const { reason } = this.#options.signal;
    const error = reason instanceof Error ? reason : new Error("aborted", { cause: reason });
    const connection = this.#connection;
    this.#fail(new WorkerFailure("aborted", error), error);
    connection?.close(error);
  };

  #streaming(): BodyStream {
    if (this.#stream !== null) return this.#stream;
    this.#stream = new BodyStream(
      () => this.#connection?.resume(),
      (error) => this.#onReaderGone(error),
    );
    if (this.#head !== null)
      this.#resolve({ ...this.#head, isEmpty: false, whole: null, body: this.#stream });
    return this.#stream;
  }

  /** Every stream is destroyed in the end; only one whose exchange had not settled was cut short by its reader. */
  #onReaderGone(error: Error | null): void {
    if (this.#isSettled) return;
    // Made only here: a stack for each answer that ended well would cost more than all else of its end.
    const reason = error ?? new Error("The reader went away.");
    const connection = this.#connection;
    // Some readers go with the last frame, and do not wait for the end that follows it.
    this.#settle(this.#tail?.isDone === true ? this.#told() : new WorkerFailure("aborted", reason));
    connection?.close(reason);
  }

  /** What the worker itself says of an answer that has come to its end; null: nothing bad. */
  #told(): WorkerFailure | null {
    const told = this.#tail?.failure() ?? null;
    return told === null ? null : new WorkerFailure("broken", told);
  }

  #fail(failure: WorkerFailure, streamError: Error = bodyError(failure)): void {
    this.#settle(failure);
    if (this.#held.length > 0) {
      // It had begun, so nobody may take it for an answer that can be had from another worker.
      const stream = this.#streaming();
      for (const chunk of this.#held) stream.push(chunk);
      this.#held = [];
    }
    if (this.#stream === null) this.#reject(failure);
    else this.#stream.destroy(streamError);
  }

  #settle(failure: WorkerFailure | null): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    this.#connection = null;
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#options.onSettled(failure);
  }
}

const empty = Buffer.alloc(0);

function joined(pieces: readonly Buffer[]): Buffer {
  const [only] = pieces;
  if (only === undefined) return empty;
  return pieces.length === 1 ? only : Buffer.concat(pieces);
}

class BodyStream extends Readable {
  readonly #resumeWorker: () => void;
  readonly #onGone: (error: Error | null) => void;

  constructor(resumeWorker: () => void, onGone: (error: Error | null) => void) {
    super({ highWaterMark: maxHeldBytes });
    this.#resumeWorker = resumeWorker;
    this.#onGone = onGone;
    // The stream may fail in the tick in which it was handed over, before its reader could listen. Readers still learn
    // of it (`errored`, `finished`, iteration); without this listener the process would end.
    this.on("error", () => undefined);
  }

  override _read(): void {
    this.#resumeWorker();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#onGone(error);
    callback(error);
  }
}

function bodyError(failure: WorkerFailure): AppError {
  return new AppError(failure.isLate ? "upstream_timeout" : "upstream_failed", { cause: failure });
}

const unreachableCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "CONNECTION_CLOSED",
  "UND_ERR_CONNECT_TIMEOUT",
  "worker_address_refused",
]);

function failureKind(error: Error): WorkerFailureKind {
  const code = (error as { code?: unknown }).code;
  if (code === "ANSWER_TIMEOUT") return "timeout";
  if (code === "ANSWER_SLOW") return "slow";
  return typeof code === "string" && unreachableCodes.has(code) ? "unreachable" : "broken";
}
