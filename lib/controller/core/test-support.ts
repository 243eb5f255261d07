import type { HeartbeatRequest } from "@/lib/protocol";
import type { Candidate, WorkerRecord } from "./types";

type Changes = Partial<Omit<WorkerRecord, "models">> & { models?: readonly string[] };

/** For tests: a registration at time 0 that offers "demo" on four slots. */
export function workerRecord(id: string, { models = ["demo"], ...changes }: Changes = {}): WorkerRecord {
  return {
    id,
    instanceId: `instance-${id}`,
    url: `http://${id}:1`,
    engine: "mock",
    version: "1",
    device: "none",
    slots: 4,
    pool: "default",
    models: models.map((name) => ({
      name,
      displayName: `${name} of ${id}`,
      organization: null,
      licence: null,
      contextLength: 2048,
      capabilities: ["chat"],
      tags: [],
    })),
    ...report(),
    registeredAt: 0,
    heartbeatAt: 0,
    leftAt: null,
    order: "serving",
    joinTokenId: null,
    ...changes,
  };
}

export function report(changes: Partial<HeartbeatRequest> = {}): HeartbeatRequest {
  return { busySlots: 0, queued: 0, tokensPerSecond: null, ...changes };
}

/** An idle worker with four slots, as a policy sees it. */
export function policyCandidate(id: string, changes: Partial<Candidate> = {}): Candidate {
  return {
    id,
    slots: 4,
    outstanding: 0,
    others: 0,
    tokensPerSecond: null,
    lastClaim: 0,
    isSuspect: false,
    ...changes,
  };
}
