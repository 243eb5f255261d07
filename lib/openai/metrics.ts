import { Counter, Gauge, Histogram, type Registry } from "prom-client";

export type OpenAiMetrics = {
  begin(): void;
  firstByte(seconds: number): void;
  end(status: number, outcome: string, seconds: number): void;
};

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

/** Registers the API's metrics with the given registry and returns the places to count at. */
export function createOpenAiMetrics(registry: Registry): OpenAiMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: "arena_api_requests_total",
    help: "Requests to models, by status and by how they ended.",
    labelNames: ["status", "outcome"],
    registers,
  });
  const inFlight = new Gauge({
    name: "arena_api_requests_in_flight",
    help: "Requests to models being answered now.",
    registers,
  });
  const firstByte = new Histogram({
    name: "arena_api_first_byte_seconds",
    help: "From the request to the worker's first byte.",
    buckets: seconds,
    registers,
  });
  const duration = new Histogram({
    name: "arena_api_request_seconds",
    help: "From the request to the end of its answer.",
    buckets: seconds,
    registers,
  });
  // A label's hash is computed once here, not with every request.
  const counted = new Map<string, Counter.Internal>();
  const countOf = (status: number, outcome: string): Counter.Internal => {
    const key = `${status} ${outcome}`;
    const known = counted.get(key);
    if (known !== undefined) return known;
    const made = requests.labels(String(status), outcome);
    counted.set(key, made);
    return made;
  };
  return {
    begin: () => inFlight.inc(),
    firstByte: (value) => firstByte.observe(value),
    end: (status, outcome, value) => {
      inFlight.dec();
      countOf(status, outcome).inc();
      duration.observe(value);
    },
  };
}
