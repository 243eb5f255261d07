import { Gauge, type Registry } from "prom-client";
import { type Count, CounterFamily, Histogram, HistogramFamily } from "@/lib/metrics";
import type { TokenCounts } from "./find-usage";

/** Where the requests of one endpoint for one model count. */
export type ModelMetrics = {
  firstByte(seconds: number): void;
  end(status: number, outcome: string, seconds: number, counts: TokenCounts): void;
};

export type EndpointMetrics = {
  begin(): void;
  /** For a model that workers offer: its name becomes a label. */
  served(model: string): ModelMetrics;
  /**
   * For whatever was asked for: under the model's name where it has been served, else together with all others, because
   * the number of names that a caller may invent has no bound.
   */
  asked(model: string | null): ModelMetrics;
};

export type OpenAiMetrics = {
  /** Between two pieces of a stream, which mostly are two tokens. */
  gap(seconds: number): void;
  /** One endpoint's; to be asked for once. */
  at(endpoint: string): EndpointMetrics;
};

/** Stands for every name that no worker offers. */
const unknownModel = "(unknown)";

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300];

const gapSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 10];

/** Registers the API's metrics with the given registry and returns the places to count at. */
export function createOpenAiMetrics(registry: Registry): OpenAiMetrics {
  const requests = new CounterFamily({
    name: "arena_api_requests_total",
    help: "Requests to models, by status and by how they ended.",
    registry,
  });
  let inFlight = 0;
  new Gauge({
    name: "arena_api_requests_in_flight",
    help: "Requests to models being answered now.",
    registers: [registry],
    collect() {
      this.set(inFlight);
    },
  });
  const firstByte = new HistogramFamily({
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
  const tokens = new CounterFamily({
    name: "arena_api_tokens_total",
    help: "Tokens of prompts (prompt_cached: those of them that were not evaluated again) and of answers.",
    registry,
  });
  const duration = new HistogramFamily({
    name: "arena_api_request_seconds",
    help: "From the request to the end of its answer.",
    buckets: seconds,
    registry,
  });

  function createModelMetrics(endpoint: string, model: string): ModelMetrics {
    const labels = { endpoint, model };
    /** By outcome and status. */
    const counted = new Map<string, Map<number, Count>>();
    const countOf = (status: number, outcome: string): Count => {
      const known = counted.get(outcome)?.get(status);
      if (known !== undefined) return known;
      const made = requests.of({ ...labels, status: String(status), outcome });
      const ofOutcome = counted.get(outcome) ?? new Map<number, Count>();
      counted.set(outcome, ofOutcome.set(status, made));
      return made;
    };
    const firstBytes = firstByte.of(labels);
    const durations = duration.of(labels);
    const prompt = tokens.of({ ...labels, kind: "prompt" });
    const cached = tokens.of({ ...labels, kind: "prompt_cached" });
    const completion = tokens.of({ ...labels, kind: "completion" });
    return {
      firstByte: (value) => firstBytes.observe(value),
      end: (status, outcome, value, { promptTokens = 0, cachedTokens = 0, completionTokens = 0 }) => {
        if (promptTokens > 0) prompt.inc(promptTokens);
        if (cachedTokens > 0) cached.inc(cachedTokens);
        if (completionTokens > 0) completion.inc(completionTokens);
        inFlight -= 1;
        countOf(status, outcome).inc();
        durations.observe(value);
      },
    };
  }

  return {
    gap: (value) => gap.observe(value),
    at(endpoint) {
      const byModel = new Map<string, ModelMetrics>();
      const served = (model: string): ModelMetrics => {
        const known = byModel.get(model);
        if (known !== undefined) return known;
        const made = createModelMetrics(endpoint, model);
        byModel.set(model, made);
        return made;
      };
      return {
        begin: () => {
          inFlight += 1;
        },
        served,
        asked: (model) => (model === null ? undefined : byModel.get(model)) ?? served(unknownModel),
      };
    },
  };
}
