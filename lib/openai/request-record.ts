import type { ApiEndpoint, Ticket } from "@/lib/accounts";
import type { DispatchListener } from "@/lib/controller";
import type { RequestTrace } from "@/lib/tracing";
import type { TokenCounts } from "./find-usage";
import type { EndpointMetrics, ModelMetrics } from "./metrics";

/** The part of a pino logger that the API writes to. */
export type OpenAiLogger = { info(fields: object, message: string): void };

/** What is known of one request when it is over: one log line, its metrics, and what is settled with the accounts. */
export class RequestRecord implements DispatchListener {
  model: string | null = null;
  workerId: string | null = null;
  queueWaitMs: number | null = null;
  counts: TokenCounts = {};
  /** The place in the caller's budgets, once there is one. */
  ticket: Ticket | null = null;
  /** Null where nothing is traced. */
  trace: RequestTrace | null = null;
  readonly requestId: string;
  readonly endpoint: ApiEndpoint;
  readonly #logger: OpenAiLogger;
  readonly #metrics: EndpointMetrics;
  /** Once a worker may have seen the request. */
  #modelMetrics: ModelMetrics | null = null;
  readonly #startedAt = performance.now();
  #firstByteMs: number | null = null;

  constructor(requestId: string, endpoint: ApiEndpoint, logger: OpenAiLogger, metrics: EndpointMetrics) {
    this.requestId = requestId;
    this.endpoint = endpoint;
    this.#logger = logger;
    this.#metrics = metrics;
    metrics.begin();
  }

  /** The request goes to a worker: from here on it may cost something. */
  sent(): void {
    this.#modelMetrics ??= this.model === null ? null : this.#metrics.served(this.model);
  }

  get wasSent(): boolean {
    return this.#modelMetrics !== null;
  }

  /** What the caller is told of its limits. */
  get limitHeaders(): Readonly<Record<string, string>> {
    return this.ticket?.headers ?? {};
  }

  /** Milliseconds from the request to the worker's first byte. */
  get firstByteMs(): number | null {
    return this.#firstByteMs;
  }

  /** The worker's first byte has come. */
  firstByte(): void {
    this.#firstByteMs = performance.now() - this.#startedAt;
    this.#modelMetrics?.firstByte(this.#firstByteMs / 1000);
  }

  /** Called once. `status` 499 stands for a client that left before there was an answer. */
  end(status: number, outcome: string): void {
    const totalMs = performance.now() - this.#startedAt;
    const metrics = this.#modelMetrics ?? this.#metrics.asked(this.model);
    metrics.end(status, outcome, totalMs / 1000, this.counts);
    const { requestId, endpoint, model, workerId, queueWaitMs, counts } = this;
    const firstByteMs = this.#firstByteMs;
    this.ticket?.settle({
      status,
      outcome,
      promptTokens: counts.promptTokens,
      cachedTokens: counts.cachedTokens,
      completionTokens: counts.completionTokens,
      totalMs,
      queueWaitMs: queueWaitMs ?? undefined,
      firstByteMs: firstByteMs ?? undefined,
      workerId: workerId ?? undefined,
    });
    this.trace?.end({
      ...{ requestId, model, workerId, status, outcome, firstByteMs },
      promptTokens: counts.promptTokens,
      cachedTokens: counts.cachedTokens,
      completionTokens: counts.completionTokens,
    });
    this.#logger.info(
      {
        requestId,
        endpoint,
        model,
        workerId,
        status,
        queueWaitMs: queueWaitMs === null ? null : rounded(queueWaitMs),
        firstByteMs: firstByteMs === null ? null : rounded(firstByteMs),
        totalMs: rounded(totalMs),
        promptTokens: counts.promptTokens ?? null,
        cachedTokens: counts.cachedTokens ?? null,
        completionTokens: counts.completionTokens ?? null,
        outcome,
      },
      "api request",
    );
  }
}

function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
