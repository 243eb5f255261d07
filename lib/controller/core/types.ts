import type { EngineName, HeartbeatRequest, OfferedModel, WorkerOrder } from "@/lib/protocol";
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
  /** The group of workers that it belongs to; requests may be restricted to some. */
  pool: string;
  models: readonly OfferedModel[];
  registeredAt: number;
  heartbeatAt: number;
  /** When the worker said goodbye; null while it serves. */
  leftAt: number | null;
  /** What the operator wants of it. Only `serving` gets new requests. */
  order: WorkerOrder;
  /** Row of `join_tokens` with which it registered; null: ARENA_JOIN_TOKEN. */
  joinTokenId: string | null;
};

/**
 * ejected: it answered with errors again and again and waits for its term and a probe, or the operator has put it out;
 * draining: the operator wants it to finish what runs and take nothing new.
 */
export type Health = "healthy" | "out" | "ejected" | "draining" | "leaving";

/** public: for everyone; experimental: for requests that say so; retired: for nobody, as if it did not exist. */
export type ModelStage = "public" | "experimental" | "retired";

/** What the operator has set for one model; changeable while the site runs. */
export type ModelSettings = {
  /** Row of `models`; null where nothing is known of the model but its name. */
  id: string | null;
  stage: ModelStage;
  /** Requests that may be with workers at the same time, over all servers; null: as many as the workers have places. */
  maxConcurrent: number | null;
  /** Tokens that the callers of the API may use in a minute, all together; null: no limit. */
  tokensPerMinute: number | null;
  /** Head start over other models in the line for a worker that serves several; each unit counts as one second of waiting. */
  priority: number;
};

export const defaultModelSettings: ModelSettings = {
  id: null,
  stage: "public",
  maxConcurrent: null,
  tokensPerMinute: null,
  priority: 0,
};

/** A place on a worker that one request holds. Released once, whatever happens to the request. */
export type Claim = {
  readonly workerId: string;
  readonly model: string;
  /** A person waits for the answer. */
  readonly isForPerson: boolean;
};

/** What decides which workers may take a request. */
export type ClaimRequest = {
  readonly model: string;
  /** Workers that this request has tried already. */
  readonly tried: ReadonlySet<string>;
  /** Pools of workers that may take it; absent: all. */
  readonly pools?: readonly string[] | undefined;
  /** Whether a model of the stage `experimental` exists for it. Default false. */
  readonly allowExperimental?: boolean | undefined;
  /** Default: batch. */
  readonly priority?: Priority | undefined;
  /** Requests with the same key profit from the same worker. Breaks ties, no more. */
  readonly affinityKey?: string | undefined;
};

/**
 * unknown_model: no worker of its pools has offered it lately, or it is not open to this request; none_healthy: every worker that may
 * take it is out, leaving or tried; all_full: healthy workers are there, and each has reached its bound, or the model has.
 */
export type Refusal = "unknown_model" | "none_healthy" | "all_full";

export type ClaimResult =
  | { readonly kind: "claimed"; readonly claim: Claim; readonly url: string }
  | { readonly kind: "refused"; readonly reason: Refusal };

export type RegistryOptions = {
  heartbeatMs: number;
  /** Requests that may wait inside a worker beyond its slots. Default: {@link defaultWaitingAllowance}. */
  waitingAllowance?: ((slots: number) => number) | undefined;
  policy?: DispatchPolicyName | undefined;
  /** Whether the limits of models are divided among several servers: this one then begins with no place. Default: false. */
  isLimitShared?: boolean | undefined;
  /** Whether the places of workers are divided among several servers, as `WorkerRegistry.setServers` says. Default: false. */
  areWorkersShared?: boolean | undefined;
  /** For the policy `lottery`: uniform in [0, 1). Default: always 0. */
  random?: (() => number) | undefined;
};

export const dispatchPolicyNames = ["least_outstanding", "round_robin", "lottery"] as const;
export type DispatchPolicyName = (typeof dispatchPolicyNames)[number];

/** What a dispatch policy may look at. */
export type Candidate = {
  readonly id: string;
  readonly slots: number;
  /** This process's claims open now. */
  readonly outstanding: number;
  /** Requests of other servers at this worker, estimated from its latest heartbeat. */
  readonly others: number;
  /** Mean speed of one request, tokens per second; null before the first report. */
  readonly tokensPerSecond: number | null;
  /** Serial number of the worker's latest claim; 0 before the first one. */
  readonly lastClaim: number;
  /** Answers with an error time after time: chosen only when no other worker has room. */
  readonly isSuspect: boolean;
};

export type PolicyContext = {
  /** The worker that served this request's affinity key last; null where none is known. */
  preferredId: string | null;
  random: () => number;
};

/** Chooses among candidates that all have room, as a function of its arguments alone; undefined only without candidates. */
export type DispatchPolicy = <T extends Candidate>(
  candidates: readonly T[],
  context: PolicyContext,
) => T | undefined;

export type HealthChange = { workerId: string; from: Health; to: Health };

/** A request in line for a worker, as far as the order is concerned. */
export type LineRequest = ClaimRequest & {
  readonly priority: Priority;
  /** Serial number of the request in this process: the order within a class. */
  readonly serial: number;
  readonly enteredAt: number;
  readonly deadlineAt: number;
};
