import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import type { ApiEndpoint } from "@/lib/accounts";
import type { AttemptTrace } from "@/lib/controller";
import { parseTraceparent, traceparentOf } from "./traceparent";
import type { RequestTrace, TracedResult, Tracing, TracingOptions } from "./types";

/** `gen_ai.operation.name`. Source: OpenTelemetry semantic conventions for generative AI. */
const operations: Record<ApiEndpoint, string> = {
  chat: "chat",
  completions: "text_completion",
  embeddings: "embeddings",
  responses: "chat",
  tokenize: "tokenize",
  models: "models",
};

const provider = "chat-arena";
const clientGoneStatus = 499;
const closeLimitMs = 3_000;

/** Spans of the requests to `/v1`, sent in batches as OTLP over HTTP. A collector that is away costs spans, no request. */
export function createTracing({ endpoint, serviceName }: TracingOptions): Tracing {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, "")}/v1/traces` });
  const spans = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": serviceName }),
    // Whoever calls may have decided for its whole trace.
    sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = spans.getTracer("chat-arena");
  return {
    tracer: {
      begin: (operation, headers) => {
        const parent = parseTraceparent(headers["traceparent"]);
        const context =
          parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
        return new RequestSpan(tracer, operations[operation], context);
      },
    },
    close: async () => {
      const limit = new Promise<void>((resolve) => setTimeout(resolve, closeLimitMs).unref());
      // A collector that is away at the end is not worth an error: its spans are lost, and nothing else is.
      const sent = spans.shutdown().then(
        () => undefined,
        () => undefined,
      );
      await Promise.race([sent, limit]);
    },
  };
}

class RequestSpan implements RequestTrace {
  readonly #tracer: Tracer;
  readonly #operation: string;
  readonly #span: Span;
  readonly #context: Context;

  constructor(tracer: Tracer, operation: string, parent: Context) {
    this.#tracer = tracer;
    this.#operation = operation;
    this.#span = tracer.startSpan(operation, { kind: SpanKind.SERVER }, parent);
    this.#context = trace.setSpan(parent, this.#span);
  }

  waiting(): () => void {
    const span = this.#tracer.startSpan("queue wait", {}, this.#context);
    return () => span.end();
  }

  attempt(workerId: string): AttemptTrace {
    const attributes = { "arena.worker.id": workerId };
    const span = this.#tracer.startSpan(
      "worker attempt",
      { kind: SpanKind.CLIENT, attributes },
      this.#context,
    );
    let isJudged = false;
    let isOver = false;
    return {
      traceparent: traceparentOf(span.spanContext()),
      // An answer that comes whole is over before it is judged.
      judged: (outcome) => {
        span.setAttribute("arena.attempt.outcome", outcome);
        if (outcome === "answered") span.addEvent("first byte");
        else if (outcome !== "aborted") fail(span, outcome);
        isJudged = true;
        if (isOver) span.end();
      },
      end: (ending) => {
        if (ending !== "complete" && ending !== "aborted") fail(span, ending);
        isOver = true;
        if (isJudged) span.end();
      },
    };
  }

  end(result: TracedResult): void {
    const span = this.#span;
    const { model, status, outcome } = result;
    if (model !== null) span.updateName(`${this.#operation} ${model}`);
    span.setAttributes({
      "gen_ai.operation.name": this.#operation,
      "gen_ai.provider.name": provider,
      "gen_ai.request.model": model ?? undefined,
      "gen_ai.usage.input_tokens": result.promptTokens,
      "gen_ai.usage.cache_read.input_tokens": result.cachedTokens,
      "gen_ai.usage.output_tokens": result.completionTokens,
      "http.request.method": "POST",
      "http.response.status_code": status === clientGoneStatus ? undefined : status,
      "arena.request.id": result.requestId,
      "arena.outcome": outcome,
      "arena.worker.id": result.workerId ?? undefined,
      "arena.first_byte_ms": result.firstByteMs ?? undefined,
    });
    // By the conventions for servers, a client's own fault or farewell is no error of the span.
    if (status >= 500 || (status < 400 && outcome !== "complete")) fail(span, outcome);
    else if (status >= 400) span.setAttribute("error.type", outcome);
    span.end();
  }
}

function fail(span: Span, type: string): void {
  span.setAttribute("error.type", type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
