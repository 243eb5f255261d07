import type { OpenAiMetrics } from "./metrics";

/** The part of a pino logger that the API writes to. */
export type OpenAiLogger = { info(fields: object, message: string): void };

/** What is known of one request when it is over: one log line, and its metrics. */
export class RequestRecord {
  model: string | null = null;
  workerId: string | null = null;
  queueWaitMs: number | null = null;
  readonly requestId: string;
  readonly #logger: OpenAiLogger;
  readonly #metrics: OpenAiMetrics;
  readonly #startedAt = performance.now();
  #firstByteMs: number | null = null;

  constructor(requestId: string, logger: OpenAiLogger, metrics: OpenAiMetrics) {
    this.requestId = requestId;
    this.#logger = logger;
    this.#metrics = metrics;
    metrics.begin();
  }

  /** Milliseconds from the request to now, in which the worker's first byte has come. */
  firstByte(): number {
    this.#firstByteMs = performance.now() - this.#startedAt;
    this.#metrics.firstByte(this.#firstByteMs / 1000);
    return this.#firstByteMs;
  }

  /** Called once. `status` 499 stands for a client that left before there was an answer. */
  end(status: number, outcome: string): void {
    const totalMs = performance.now() - this.#startedAt;
    this.#metrics.end(status, outcome, totalMs / 1000);
    const { requestId, model, workerId, queueWaitMs } = this;
    this.#logger.info(
      {
        requestId,
        model,
        workerId,
        status,
        queueWaitMs: queueWaitMs === null ? null : rounded(queueWaitMs),
        firstByteMs: this.#firstByteMs === null ? null : rounded(this.#firstByteMs),
        totalMs: rounded(totalMs),
        outcome,
      },
      "chat completion",
    );
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
