import { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { AppError } from "@/lib/errors";
import { type WorkerAnswer, WorkerFailure, type WorkerFailureKind } from "../ports";

/** A client connection's history, kept by the client and read by the exchange that runs on it. */
export type ConnectionHistory = {
  /** Answers that came over the present socket; above 0 the socket is a reused one. */
  served: number;
};

export type ExchangeOptions = {
  signal: AbortSignal;
  onSettled: (failure: WorkerFailure | null) => void;
  /** Sends the same request again over a new connection. */
  resend: (exchange: WorkerExchange) => void;
};

type Head = Pick<WorkerAnswer, "status" | "contentType" | "contentLength" | "retryAfterSeconds">;

/** An answer that says it is no longer than this is held until it is whole. A stream would hold as much unread. */
const maxHeldBytes = 64 * 1024;

/**
 * One request to a worker, as undici's handler. A short answer is handed over as a whole, all others as a stream from
 * their first byte on; most requests of the API are the former, and cost no stream.
 *
 * It settles exactly once, in `#settle`, by whichever comes first of the worker's end, an error, the signal and
 * the stream's `destroy()`. It settles at the worker's end even if the reader is slow: from then on the worker is free.
 */
export class WorkerExchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<WorkerAnswer>;
  /** Set by the client whose connection carries the request. */
  connection: ConnectionHistory | null = null;

  readonly #options: ExchangeOptions;
  #resolve: (answer: WorkerAnswer) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #controller: Dispatcher.DispatchController | null = null;
  #head: Head | null = null;
  /** Chunks of a short answer. */
  #held: Buffer[] = [];
  /** Null while the answer is held, and where it was handed over as a whole. */
  #stream: BodyStream | null = null;
  #isSettled = false;
  #isResent = false;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (options.signal.aborted) this.#onAbort();
    else options.signal.addEventListener("abort", this.#onAbort);
  }

  get isSettled(): boolean {
    return this.#isSettled;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#isSettled) controller.abort(new Error("The request ended before its connection was made."));
    else this.#controller = controller;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    // 1xx answers come before the real one.
    if (status < 200) return;
    this.#head = {
      status,
      contentType: first(headers["content-type"]) ?? "application/octet-stream",
      contentLength: wholeNumber(first(headers["content-length"])),
      retryAfterSeconds: wholeNumber(first(headers["retry-after"])),
    };
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const length = this.#head?.contentLength ?? null;
    // undici refuses an answer that is longer than it says.
    if (length !== null && length <= maxHeldBytes) this.#held.push(chunk);
    else if (!this.#streaming().push(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.connection !== null) this.connection.served += 1;
    this.#settle(null);
    if (this.#stream !== null) {
      this.#stream.push(null);
      return;
    }
    if (this.#head === null) return;
    const [only, ...more] = this.#held;
    this.#held = [];
    const whole = only === undefined ? empty : more.length === 0 ? only : Buffer.concat([only, ...more]);
    this.#resolve({ ...this.#head, isEmpty: whole.length === 0, whole, body: null });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.#isSettled) return;
    const kind = failureKind(error);
    // A server may close an idle connection at the moment in which it is used again (RFC 9112, 9.3.1). Nothing was
    // answered, so the worker is not at fault: once more, over a connection that is certainly new.
    const isStale = kind === "unreachable" && this.#head === null && (this.connection?.served ?? 0) > 0;
    if (isStale && !this.#isResent) {
      this.#isResent = true;
      this.#controller = null;
      this.#options.resend(this);
      return;
    }
    this.#fail(new WorkerFailure(kind, error));
  }

  /** Ends the exchange from this side. */
  #onAbort = (): void => {
    const { reason } = this.#options.signal;
    const error = reason instanceof Error ? reason : new Error("aborted", { cause: reason });
    this.#fail(new WorkerFailure("aborted", error), error);
    this.#controller?.abort(error);
  };

  #streaming(): BodyStream {
    if (this.#stream !== null) return this.#stream;
    this.#stream = new BodyStream(
      () => this.#controller?.resume(),
      (reason) => this.#onReaderGone(reason),
    );
    if (this.#head !== null)
      this.#resolve({ ...this.#head, isEmpty: false, whole: null, body: this.#stream });
    return this.#stream;
  }

  /** Every stream is destroyed in the end; only one whose exchange had not settled was cut short by its reader. */
  #onReaderGone(reason: Error): void {
    if (this.#isSettled) return;
    this.#settle(new WorkerFailure("aborted", reason));
    this.#controller?.abort(reason);
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
    this.#options.signal.removeEventListener("abort", this.#onAbort);
    this.#options.onSettled(failure);
  }
}

const empty = Buffer.alloc(0);

class BodyStream extends Readable {
  readonly #resumeWorker: () => void;
  readonly #onGone: (reason: Error) => void;

  constructor(resumeWorker: () => void, onGone: (reason: Error) => void) {
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
    this.#onGone(error ?? new Error("The reader went away."));
    callback(error);
  }
}

function bodyError(failure: WorkerFailure): AppError {
  return new AppError(failure.kind === "timeout" ? "upstream_timeout" : "upstream_failed", {
    cause: failure,
  });
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
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
  "worker_address_refused",
]);

function failureKind(error: Error): WorkerFailureKind {
  const code = (error as { code?: unknown }).code;
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT") return "timeout";
  return typeof code === "string" && unreachableCodes.has(code) ? "unreachable" : "broken";
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
