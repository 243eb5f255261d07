import { Counter, Gauge, type Registry } from "prom-client";
import { Histogram } from "@/lib/metrics";
import type { TokenCounts } from "./find-usage";

export type OpenAiMetrics = {
  begin(): void;
  firstByte(seconds: number): void;
  /** Between two pieces of a stream, which mostly are two tokens. */
  gap(seconds: number): void;
  end(status: number, outcome: string, seconds: number, counts: TokenCounts): void;
};

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

const gapSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 10];

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
    registry,
  });
  const gap = new Histogram({
    name: "arena_api_inter_token_seconds",
    help: "Between two pieces of a stream, as they come from the worker: of most engines, two tokens.",
    buckets: gapSeconds,
    registry,
  });
  const tokens = new Counter({
    name: "arena_api_tokens_total",
    help: "Tokens of prompts (prompt_cached: those of them that were not evaluated again) and of answers.",
    labelNames: ["kind"],
    registers,
  });
  const duration = new Histogram({
    name: "arena_api_request_seconds",
    help: "From the request to the end of its answer.",
    buckets: seconds,
    registry,
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
  const [prompt, cached, completion] = ["prompt", "prompt_cached", "completion"].map((kind) =>
    tokens.labels(kind),
  );
  return {
    begin: () => inFlight.inc(),
    firstByte: (value) => firstByte.observe(value),
    gap: (value) => gap.observe(value),
    end: (status, outcome, value, { promptTokens = 0, cachedTokens = 0, completionTokens = 0 }) => {
      prompt?.inc(promptTokens);
      cached?.inc(cachedTokens);
      completion?.inc(completionTokens);
      inFlight.dec();
      countOf(status, outcome).inc();
      duration.observe(value);
    },
  };
}
