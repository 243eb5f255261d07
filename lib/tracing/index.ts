import type { Tracing, TracingOptions } from "./types";

export type { RequestTrace, RequestTracer, Tracing } from "./types";

/** OpenTelemetry's packages are loaded here and only here: a site without a collector never reads them. */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  const { createTracing } = await import("./otlp");
  return createTracing(options);
}
