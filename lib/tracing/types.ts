import type { IncomingHttpHeaders } from "node:http";
import type { ApiEndpoint } from "@/lib/accounts";
import type { DispatchTrace } from "@/lib/controller";

/** What a request's span tells when it is over. No prompt, no answer, no key. */
export type TracedResult = {
  requestId: string;
  /** Null where the request was refused before it named one. */
  model: string | null;
  status: number;
  outcome: string;
  workerId: string | null;
  promptTokens: number | undefined;
  cachedTokens: number | undefined;
  completionTokens: number | undefined;
  firstByteMs: number | null;
};

/** One request's span, from its beginning to its end; the steps of the dispatch become its children. */
export type RequestTrace = DispatchTrace & {
  end(result: TracedResult): void;
};

export type RequestTracer = {
  /** Continues the client's trace where `traceparent` names one, else begins one. */
  begin(endpoint: ApiEndpoint, headers: IncomingHttpHeaders): RequestTrace;
};

export type TracingOptions = {
  /** OTEL_EXPORTER_OTLP_ENDPOINT: the collector's base address; spans go to `v1/traces` below it. */
  endpoint: string;
  /** OTEL_SERVICE_NAME. */
  serviceName: string;
};

export type Tracing = {
  tracer: RequestTracer;
  /** Sends what is left, for a few seconds at most. Does not reject. */
  close(): Promise<void>;
};
