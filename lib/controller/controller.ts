import type { Registry } from "prom-client";
import type { ServerEnv } from "@/lib/env";
import { AppError } from "@/lib/errors";
import type { OfferedModel } from "@/lib/protocol";
import { createAllowedNetworks } from "./adapters/allowed-networks";
import { createHttpWorkerClient } from "./adapters/http-worker-client";
import { createSecrets } from "./adapters/secrets";
import { createSharedJoinToken } from "./adapters/shared-join-token";
import { WorkerRegistry } from "./core/registry";
import { servedModels } from "./core/served-models";
import { type DispatchDeps, dispatch } from "./dispatch";
import { heartbeat, type LifecycleDeps, leave, register } from "./lifecycle";
import { createControllerMetrics } from "./metrics";
import type { ControllerLogger, JoinTokenVerifier, WorkerStore } from "./ports";
import type { Controller } from "./types";
import { createUpkeep } from "./upkeep";

export type ControllerEnv = Pick<
  ServerEnv,
  | "ARENA_SECRET"
  | "ARENA_JOIN_TOKEN"
  | "ARENA_WORKER_NETWORKS"
  | "ARENA_HEARTBEAT_MS"
  | "ARENA_UPSTREAM_TIMEOUT_MS"
>;

export type ControllerDeps = {
  env: ControllerEnv;
  /** The registry that all servers share: `createPostgresRegistry(db)`. */
  store: WorkerStore;
  logger: ControllerLogger;
  /** Default: `ARENA_JOIN_TOKEN` alone, {@link createSharedJoinToken}. */
  joinTokens?: JoinTokenVerifier;
  /** Where the controller's Prometheus metrics are registered. One controller for each registry. */
  metrics: Registry;
  /** Milliseconds since the epoch. Default: the system's clock. */
  now?: () => number;
  /** Requests that may wait inside a worker beyond its slots. Default: 64 + 4 × slots. */
  waitingAllowance?: (slots: number) => number;
};

/** A controller with the two things that only the composition root needs. */
export type ControllerService = Controller & {
  /**
   * Takes over the workers that are registered already and starts the timers. Resolves also when the database is away:
   * the registry is then loaded once it is back.
   */
  start(): Promise<void>;
  /** False while the shared registry cannot be read and requests are routed from the last view of it. */
  isStoreReachable(): boolean;
};

/** Builds the controller; nothing is dialled and no timer runs before `start()`. Errors: `invalid_request` for networks. */
export function createController(deps: ControllerDeps): ControllerService {
  const { env, store, logger } = deps;
  const now = deps.now ?? Date.now;
  const heartbeatMs = env.ARENA_HEARTBEAT_MS;
  const registry = new WorkerRegistry({ heartbeatMs, waitingAllowance: deps.waitingAllowance });
  const networks = createAllowedNetworks(env.ARENA_WORKER_NETWORKS);
  const secrets = createSecrets(env.ARENA_SECRET);
  const client = createHttpWorkerClient({
    networks,
    secretOf: secrets.secretOf,
    upstreamTimeoutMs: env.ARENA_UPSTREAM_TIMEOUT_MS,
  });
  const listeners = new Set<(models: readonly OfferedModel[]) => Promise<void>>();
  const metrics = createControllerMetrics(deps.metrics, {
    workers: () =>
      registry
        .list(now())
        .map(({ record, health, outstanding }) => ({ slots: record.slots, health, outstanding })),
    openClaims: () => registry.openClaims,
  });
  const upkeep = createUpkeep({ registry, store, client, heartbeatMs, logger, now });
  const lifecycle: LifecycleDeps = {
    registry,
    store,
    secrets,
    joinTokens: deps.joinTokens ?? createSharedJoinToken(env.ARENA_JOIN_TOKEN),
    networks,
    heartbeatMs,
    logger,
    now,
    listeners,
  };
  const dispatching: DispatchDeps = { registry, client, metrics, logger, now, onUnreachable: upkeep.probe };
  let isClosed = false;

  return {
    register: (joinToken, request) => register(lifecycle, joinToken, request),
    heartbeat: (workerId, secret, report) => heartbeat(lifecycle, workerId, secret, report),
    leave: (workerId, secret) => leave(lifecycle, workerId, secret),
    dispatch: async (request) => {
      if (isClosed) throw new AppError("shutting_down");
      return await dispatch(dispatching, request);
    },
    models: () => servedModels(registry.list(now())),
    workers: () =>
      registry.list(now()).map(({ record, outstanding, health, seenAt }) => ({
        id: record.id,
        url: record.url,
        engine: record.engine,
        version: record.version,
        device: record.device,
        slots: record.slots,
        models: record.models.map(({ name }) => name),
        outstanding,
        health,
        heartbeatAt: new Date(seenAt),
      })),
    onModelsOffered: (listener) => {
      listeners.add(listener);
    },
    start: () => upkeep.start(),
    isStoreReachable: () => upkeep.isStoreReachable(),
    close: async () => {
      isClosed = true;
      upkeep.stop();
      await client.close();
    },
  };
}
