import type { EngineName, HeartbeatRequest, OfferedModel } from "@/lib/protocol";
import type { Priority } from "../types";

/** One registration as all servers see it. Times are milliseconds since the epoch. */
export type WorkerRecord = HeartbeatRequest & {
  id: string;
  instanceId: string;
  url: string;
  engine: EngineName;
  version: string;
  device: string;
  slots: number;
  models: readonly OfferedModel[];
  registeredAt: number;
  heartbeatAt: number;
  /** When the worker said goodbye; null while it serves. */
  leftAt: number | null;
};

export type Health = "healthy" | "out" | "leaving";

/** A place on a worker that one request holds. Released once, whatever happens to the request. */
export type Claim = {
  readonly workerId: string;
  readonly model: string;
};

export type ClaimRequest = {
  model: string;
  priority: Priority;
  /** Workers that this request has tried already. */
  tried: ReadonlySet<string>;
};

/**
 * unknown_model: no worker has offered it lately; none_healthy: every worker of it is out, leaving or tried;
 * all_full: healthy workers are there, and each has reached its bound.
 */
export type Refusal = "unknown_model" | "none_healthy" | "all_full";

export type ClaimResult =
  | { readonly kind: "claimed"; readonly claim: Claim; readonly url: string }
  | { readonly kind: "refused"; readonly reason: Refusal };

export type RegistryOptions = {
  heartbeatMs: number;
  /** Requests that may wait inside a worker beyond its slots. Default: {@link defaultWaitingAllowance}. */
  waitingAllowance?: (slots: number) => number;
};

/** What a dispatch policy may look at. */
export type Candidate = {
  readonly id: string;
  readonly slots: number;
  /** Claims open now. */
  readonly outstanding: number;
  /** Mean speed of one request, tokens per second; null before the first report. */
  readonly tokensPerSecond: number | null;
  /** Serial number of the worker's latest claim; 0 before the first one. */
  readonly lastClaim: number;
  /** Answers with an error time after time: chosen only when no other worker has room. */
  readonly isSuspect: boolean;
};

export type HealthChange = { workerId: string; from: Health; to: Health };
