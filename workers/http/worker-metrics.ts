import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { Engine, EngineObserver, GenerateChunk, GenerateRequest } from "../engine/types";
import type { OpenRequests } from "./open-requests";

/** From a token of a small model on an idle machine to a request that waits behind long ones. */
const secondsBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
const slotBuckets = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 128, 256];

/**
 * What a worker tells Prometheus. Requests are measured here, for every engine; what only the engine knows (steps, queue
 * wait) comes through {@link Engine.observe}, from those that have it. Labels name models, never a word of a prompt or
 * an answer. Each worker has a registry of its own, so that several in one process do not mix.
 */
export class WorkerMetrics implements EngineObserver {
  readonly registry = new Registry();
  readonly #requests = this.#counter("requests_total", "Requests that ended, by outcome.", ["outcome"]);
  readonly #promptTokens = this.#counter("prompt_tokens_total", "Prompt tokens of answered requests.");
  readonly #cachedTokens = this.#counter(
    "cached_prompt_tokens_total",
    "Prompt tokens that were not evaluated again.",
  );
  readonly #generatedTokens = this.#counter("generated_tokens_total", "Sampled tokens.");
  readonly #generationSeconds = this.#counter(
    "generation_seconds_total",
    "Time from the first to the last chunk of answers; generated tokens by this: tokens/s of one answer.",
  );
  readonly #firstToken = this.#histogram("time_to_first_token_seconds", "Request to first chunk.");
  readonly #queueWait = this.#histogram("queue_wait_seconds", "Wait for a slot.");
  readonly #evaluatedTokens = this.#counter(
    "evaluated_prompt_tokens_total",
    "Prompt tokens that were evaluated.",
  );
  readonly #promptSeconds = this.#counter(
    "prompt_seconds_total",
    "Time from slot to first token; evaluated prompt tokens by this: prompt tokens/s.",
  );
  readonly #steps = this.#counter("decode_steps_total", "Steps of the scheduler.");
  readonly #activeSlots = this.#counter(
    "active_slot_steps_total",
    "Sum over steps of the slots that had work; the sum of busy_slots_per_step by this is the batching's efficiency.",
  );
  readonly #busySlots = this.#histogram(
    "busy_slots_per_step",
    "Slots that took part in a step.",
    slotBuckets,
  );
  readonly #now: () => number;

  /** `now` in milliseconds. */
  constructor(
    engine: Pick<Engine, "info" | "models" | "status" | "observe">,
    open: Pick<OpenRequests, "size">,
    now: () => number = () => performance.now(),
  ) {
    this.#now = now;
    this.#gauge("info", "1; what the worker runs.", ["engine", "version", "device", "model"], (gauge) => {
      const { name, version, device } = engine.info();
      gauge.reset();
      for (const model of engine.models()) gauge.set({ engine: name, version, device, model: model.name }, 1);
    });
    this.#gauge("slots", "Requests answered at the same time.", [], (gauge) =>
      gauge.set(engine.info().slots),
    );
    this.#gauge("busy_slots", "Requests being answered.", [], (gauge) =>
      gauge.set(engine.status().busySlots),
    );
    this.#gauge("queued_requests", "Requests that wait for a slot.", [], (gauge) =>
      gauge.set(engine.status().queued),
    );
    this.#gauge("open_requests", "Requests that have not ended.", [], (gauge) => gauge.set(open.size));
    this.#gauge("tokens_per_second", "Mean generation speed of the last answers.", [], (gauge) =>
      gauge.set(engine.status().tokensPerSecond ?? 0),
    );
    engine.observe?.(this);
  }

  started(model: string, waitSeconds: number): void {
    this.#queueWait.observe({ model }, waitSeconds);
  }

  prompted(model: string, tokens: number, seconds: number): void {
    this.#evaluatedTokens.inc({ model }, tokens);
    this.#promptSeconds.inc({ model }, seconds);
  }

  stepped(model: string, busySlots: number, activeSlots: number): void {
    this.#steps.inc({ model });
    this.#activeSlots.inc({ model }, activeSlots);
    this.#busySlots.observe({ model }, busySlots);
  }

  /** An answer of an attached engine begins; the result takes its end. Whose model it was is not read, so no label names it. */
  forwarding(): { begun(): void; ended(outcome: "ok" | "error" | "aborted"): void } {
    const askedAt = this.#now();
    return {
      begun: () => this.#firstToken.observe({ model: "" }, (this.#now() - askedAt) / 1000),
      ended: (outcome) => this.#requests.inc({ model: "", outcome }),
    };
  }

  /** The engine with its answers measured. What reads a chunk gets the engine's own promise, and so not a turn later. */
  measured(engine: Engine): Engine {
    return new Proxy(engine, {
      get: (target, key) => {
        if (key === "generate") {
          return (request: GenerateRequest, signal: AbortSignal) => this.#generate(target, request, signal);
        }
        const value: unknown = Reflect.get(target, key, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }

  #generate(engine: Engine, request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateChunk> {
    const iterator = engine.generate(request, signal)[Symbol.asyncIterator]();
    const { model } = request;
    const askedAt = this.#now();
    let firstAt: number | null = null;
    let hasEnded = false;
    const end = (outcome: "ok" | "error" | "aborted"): void => {
      if (hasEnded) return;
      hasEnded = true;
      this.#requests.inc({ model, outcome });
    };
    const take = ({ done, value }: IteratorResult<GenerateChunk>): void => {
      if (done === true) {
        end("ok");
        return;
      }
      const now = this.#now();
      if (firstAt === null) {
        firstAt = now;
        this.#firstToken.observe({ model }, (now - askedAt) / 1000);
      }
      if (value.kind !== "finish") return;
      const { prompt_tokens, completion_tokens, prompt_tokens_details } = value.usage;
      this.#promptTokens.inc({ model }, prompt_tokens);
      this.#cachedTokens.inc({ model }, prompt_tokens_details?.cached_tokens ?? 0);
      this.#generatedTokens.inc({ model }, completion_tokens);
      this.#generationSeconds.inc({ model }, (now - firstAt) / 1000);
      end("ok");
    };
    return {
      [Symbol.asyncIterator]: () => ({
        next: () => {
          const next = iterator.next();
          next.then(take, () => end(signal.aborted ? "aborted" : "error"));
          return next;
        },
        return: async () => {
          // A reader that leaves before the last chunk.
          end("aborted");
          return (await iterator.return?.()) ?? { done: true, value: undefined };
        },
      }),
    };
  }

  #counter(name: string, help: string, labels: readonly string[] = []): Counter {
    return new Counter({
      name: `arena_worker_${name}`,
      help,
      labelNames: ["model", ...labels],
      registers: [this.registry],
    });
  }

  #histogram(name: string, help: string, buckets: number[] = secondsBuckets): Histogram {
    return new Histogram({
      name: `arena_worker_${name}`,
      help,
      labelNames: ["model"],
      buckets,
      registers: [this.registry],
    });
  }

  #gauge(name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => void): void {
    new Gauge({
      name: `arena_worker_${name}`,
      help,
      labelNames,
      registers: [this.registry],
      collect() {
        collect(this);
      },
    });
  }
}
