import { Counter, Gauge, type Registry } from "prom-client";
import type { LimitName } from "./limits/limiter";

export type AccountsMetrics = {
  refused(limit: LimitName | "modelTokensPerMinute"): void;
  usageWritten(count: number): void;
  usageDropped(count: number): void;
};

export function createAccountsMetrics(registry: Registry, usageWaiting: () => number): AccountsMetrics {
  const registers = [registry];
  const refusals = new Counter({
    name: "arena_api_limit_refusals_total",
    help: "Requests that were refused because the budget of their key or model was used up, by limit.",
    labelNames: ["limit"],
    registers,
  });
  const written = new Counter({
    name: "arena_usage_records_written_total",
    help: "Usage records written to the database.",
    registers,
  });
  const dropped = new Counter({
    name: "arena_usage_records_dropped_total",
    help: "Usage records lost because the database was away for too long or refused them.",
    registers,
  });
  new Gauge({
    name: "arena_usage_records_waiting",
    help: "Usage records that are not written yet.",
    registers,
    collect() {
      this.set(usageWaiting());
    },
  });
  return {
    refused: (limit) => refusals.inc({ limit }),
    usageWritten: (count) => written.inc(count),
    usageDropped: (count) => dropped.inc(count),
  };
}
