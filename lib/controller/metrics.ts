import { Counter, Gauge, Histogram as LabelledHistogram, type Registry } from "prom-client";
import { type Count, CounterFamily, Histogram } from "@/lib/metrics";
import type { Health } from "./core/types";
import type { WorkerFailureKind } from "./ports";
import type { Priority } from "./types";

const attemptOutcomes = [
  "answered",
  "unreachable",
  "timeout",
  "slow",
  "broken",
  "error_status",
  "busy",
  "aborted",
] as const;
/** Why an attempt at a worker did not give the caller an answer. */
export type AttemptOutcome = (typeof attemptOutcomes)[number];

const endings = [
  "complete",
  "unreachable",
  "timeout",
  "slow",
  "broken",
  "aborted",
] as const satisfies readonly ("complete" | WorkerFailureKind)[];
/** How an answer that had begun ended. */
type Ending = (typeof endings)[number];

const healths = ["healthy", "out", "ejected", "draining", "leaving"] as const satisfies readonly Health[];
const priorities = ["interactive", "batch"] as const satisfies readonly Priority[];

export type ControllerMetrics = {
  attempt(outcome: AttemptOutcome): void;
  refused(reason: string): void;
  /** Seconds from the claim to the first byte. */
  firstByte(seconds: number): void;
  ended(outcome: Ending): void;
  /** Seconds that a request stood in line, to a place or to its deadline. */
  waited(priority: Priority, seconds: number): void;
  retried(): void;
  /** The budget of retries was exhausted. */
  retryRefused(): void;
  ejected(): void;
};

type View = {
  workers: () => readonly {
    id: string;
    health: Health;
    outstanding: number;
    slots: number;
    busySlots: number;
  }[];
  openClaims: () => number;
  lines: () => Iterable<{ model: string; lengths: Readonly<Record<Priority, number>> }>;
  /** Null where this server has no feed of changes. */
  isFeedUp: () => boolean | null;
  isStoreReachable: () => boolean;
};

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/**
 * Registers the controller's metrics with the given registry and returns the places to count at. What describes the
 * shared registry has `aggregator: "max"`, because every process of a cluster sees the same workers; the rest adds up.
 */
export function createControllerMetrics(registry: Registry, view: View): ControllerMetrics {
  const registers = [registry];
  const attempts = new CounterFamily({
    name: "arena_dispatch_attempts_total",
    help: "Requests sent to workers, by what came of them.",
    registry,
  });
  const refusals = new Counter({
    name: "arena_dispatch_refused_total",
    help: "Requests that got no worker, by reason.",
    labelNames: ["reason"],
    registers,
  });
  const ends = new CounterFamily({
    name: "arena_worker_answers_total",
    help: "Answers that had begun, by how they ended.",
    registry,
  });
  const firstByte = new Histogram({
    name: "arena_worker_first_byte_seconds",
    help: "From the claim of a worker to its first byte.",
    buckets: seconds,
    registry,
  });
  const waits = new LabelledHistogram({
    name: "arena_queue_wait_seconds",
    help: "Time in line of the requests that had to wait, to a place or to the deadline.",
    labelNames: ["priority"],
    buckets: seconds,
    registers,
  });
  const retries = new Counter({
    name: "arena_dispatch_retries_total",
    help: "Attempts at a further worker after a failure before the first byte.",
    registers,
  });
  const retriesRefused = new Counter({
    name: "arena_dispatch_retry_budget_exhausted_total",
    help: "Failures that were not retried because the budget of retries was exhausted.",
    registers,
  });
  const ejections = new Counter({
    name: "arena_worker_ejections_total",
    help: "Workers taken out for a while after errors in a row.",
    registers,
  });
  registerGauges(registry, view);

  const attempted = Object.fromEntries(
    attemptOutcomes.map((outcome) => [outcome, attempts.of({ outcome })]),
  ) as Record<AttemptOutcome, Count>;
  const ended = Object.fromEntries(endings.map((outcome) => [outcome, ends.of({ outcome })])) as Record<
    Ending,
    Count
  >;
  return {
    attempt: (outcome) => attempted[outcome].inc(),
    refused: (reason) => refusals.inc({ reason }),
    firstByte: (value) => firstByte.observe(value),
    ended: (outcome) => ended[outcome].inc(),
    waited: (priority, value) => waits.observe({ priority }, value),
    retried: () => retries.inc(),
    retryRefused: () => retriesRefused.inc(),
    ejected: () => ejections.inc(),
  };
}

function registerGauges(registry: Registry, view: View): void {
  const registers = [registry];
  new Gauge({
    name: "arena_claims_open",
    help: "Requests that hold a place on a worker now.",
    registers,
    collect() {
      this.set(view.openClaims());
    },
  });
  new Gauge({
    name: "arena_queue_length",
    help: "Requests that wait in line for a worker now.",
    labelNames: ["model", "priority"],
    registers,
    collect() {
      for (const { model, lengths } of view.lines()) {
        for (const priority of priorities) this.set({ model, priority }, lengths[priority]);
      }
    },
  });
  new Gauge({
    name: "arena_workers",
    help: "Registered workers by health.",
    labelNames: ["health"],
    aggregator: "max",
    registers,
    collect() {
      const workers = view.workers();
      for (const health of healths) {
        this.set({ health }, workers.filter((worker) => worker.health === health).length);
      }
    },
  });
  new Gauge({
    name: "arena_worker_slots",
    help: "Slots of healthy workers.",
    aggregator: "max",
    registers,
    collect() {
      const healthy = view.workers().filter((worker) => worker.health === "healthy");
      this.set(healthy.reduce((sum, worker) => sum + worker.slots, 0));
    },
  });
  perWorker("arena_worker_slots_each", "Slots of each registered worker.", "max", (worker) => worker.slots);
  perWorker(
    "arena_worker_busy_slots",
    "Busy slots of each worker, as it reported last.",
    "max",
    (worker) => worker.busySlots,
  );
  perWorker(
    "arena_worker_claims_open",
    "Requests of this server at each worker.",
    "sum",
    (worker) => worker.outstanding,
  );
  new Gauge({
    name: "arena_registry_listener_connected",
    help: "1 while this server hears of changes in the shared registry at once; 0 while it polls.",
    aggregator: "min",
    registers,
    collect() {
      this.set(view.isFeedUp() === true ? 1 : 0);
    },
  });
  new Gauge({
    name: "arena_registry_reachable",
    help: "1 while the shared registry can be read; 0 while requests are routed from the last view of it.",
    aggregator: "min",
    registers,
    collect() {
      this.set(view.isStoreReachable() ? 1 : 0);
    },
  });

  function perWorker(
    name: string,
    help: string,
    aggregator: "max" | "sum",
    read: (worker: ReturnType<View["workers"]>[number]) => number,
  ): void {
    new Gauge({
      name,
      help,
      labelNames: ["worker"],
      aggregator,
      registers,
      collect() {
        // Workers that have gone must not stay at their last value.
        this.reset();
        for (const worker of view.workers()) this.set({ worker: worker.id }, read(worker));
      },
    });
  }
}
