import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Health } from "./core/types";

/** Why an attempt at a worker did not give the caller an answer. */
export type AttemptOutcome =
  | "answered"
  | "unreachable"
  | "timeout"
  | "broken"
  | "error_status"
  | "busy"
  | "aborted";

export type ControllerMetrics = {
  attempt(outcome: AttemptOutcome): void;
  refused(reason: string): void;
  /** Seconds from the claim to the first byte. */
  firstByte(seconds: number): void;
  /** How an answer that had begun ended: "complete" or the failure's kind. */
  ended(outcome: string): void;
};

type View = {
  workers: () => readonly { health: Health; outstanding: number; slots: number }[];
  openClaims: () => number;
};

/** Registers the controller's metrics with the given registry and returns the places to count at. */
export function createControllerMetrics(registry: Registry, view: View): ControllerMetrics {
  const registers = [registry];
  const attempts = new Counter({
    name: "arena_dispatch_attempts_total",
    help: "Requests sent to workers, by what came of them.",
    labelNames: ["outcome"],
    registers,
  });
  const refusals = new Counter({
    name: "arena_dispatch_refused_total",
    help: "Requests for which no worker could be claimed, by reason.",
    labelNames: ["reason"],
    registers,
  });
  const ends = new Counter({
    name: "arena_worker_answers_total",
    help: "Answers that had begun, by how they ended.",
    labelNames: ["outcome"],
    registers,
  });
  const firstByte = new Histogram({
    name: "arena_worker_first_byte_seconds",
    help: "From the claim of a worker to its first byte.",
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers,
  });
  new Gauge({
    name: "arena_claims_open",
    help: "Requests that hold a place on a worker now.",
    registers,
    collect() {
      this.set(view.openClaims());
    },
  });
  new Gauge({
    name: "arena_workers",
    help: "Registered workers by health.",
    labelNames: ["health"],
    registers,
    collect() {
      const workers = view.workers();
      for (const health of ["healthy", "out", "leaving"] as const) {
        this.set({ health }, workers.filter((worker) => worker.health === health).length);
      }
    },
  });
  new Gauge({
    name: "arena_worker_slots",
    help: "Slots of healthy workers.",
    registers,
    collect() {
      const healthy = view.workers().filter((worker) => worker.health === "healthy");
      this.set(healthy.reduce((sum, worker) => sum + worker.slots, 0));
    },
  });

  return {
    attempt: (outcome) => attempts.inc({ outcome }),
    refused: (reason) => refusals.inc({ reason }),
    firstByte: (seconds) => firstByte.observe(seconds),
    ended: (outcome) => ends.inc({ outcome }),
  };
}
