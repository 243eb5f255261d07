import type { Registry } from "prom-client";
import { steadyNow } from "@/lib/db";
import type { ServerEnv } from "@/lib/env";
import { AppError } from "@/lib/errors";
import type { OfferedModel } from "@/lib/protocol";
import { createAllowedNetworks } from "./adapters/allowed-networks";
import { createHttpWorkerClient } from "./adapters/http-worker-client";
import { createSecrets } from "./adapters/secrets";
import { createSharedJoinToken } from "./adapters/shared-join-token";
import { Admission } from "./admission";
import { WorkerRegistry } from "./core/registry";
import { RetryBudget } from "./core/retry-budget";
import { servedModels } from "./core/served-models";
import { type DispatchDeps, dispatch } from "./dispatch";
import { heartbeat, type LifecycleDeps, leave, register } from "./lifecycle";
import { createControllerMetrics } from "./metrics";
import type {
  ChangeFeed,
  ControllerLogger,
  JoinTokenVerifier,
  ModelSettingsSource,
  ShareStore,
  WorkerStore,
} from "./ports";
import { createShareKeeper, type ShareKeeper } from "./share-keeper";
import { sharedModels, sharedWorkers } from "./shared-places";
import type { Controller } from "./types";
import { createUpkeep } from "./upkeep";

export type ControllerEnv = Pick<
  ServerEnv,
  | "ARENA_SECRET"
  | "ARENA_JOIN_TOKEN"
  | "ARENA_WORKER_NETWORKS"
  | "ARENA_HEARTBEAT_MS"
  | "ARENA_UPSTREAM_TIMEOUT_MS"
> &
  Partial<
    Pick<
      ServerEnv,
      | "ARENA_DISPATCH_POLICY"
      | "ARENA_QUEUE_LIMIT"
      | "ARENA_QUEUE_DEADLINE_MS"
      | "ARENA_WHOLE_ANSWER_TIMEOUT_MS"
    >
  >;

/** As in lib/env, for a controller that is built without them. */
const defaults = { queueLimit: 256, queueDeadlineMs: 30_000, wholeAnswerTimeoutMs: 600_000 } as const;

export type ControllerDeps = {
  env: ControllerEnv;
  /** The registry that all servers share: `createPostgresRegistry(db)`. */
  store: WorkerStore;
  /** What the operator has set for the models: `createPostgresModelSettings(db)`. Default: every model is public. */
  modelSettings?: ModelSettingsSource;
  /** How the servers divide the limits of models: `createPostgresModelShares(db)`. Default: each has all of them. */
  modelShares?: ShareStore;
  /** How the servers divide the places of workers: `createPostgresWorkerShares(db)`. Default: each has all of them. */
  workerShares?: ShareStore;
  /** News of the shared registry: `createPostgresChanges(url)`. Default: it is only read at every heartbeat interval. */
  changes?: ChangeFeed;
  logger: ControllerLogger;
  /** Default: `ARENA_JOIN_TOKEN` alone, {@link createSharedJoinToken}. */
  joinTokens?: JoinTokenVerifier;
  /** Where the controller's Prometheus metrics are registered. One controller for each registry. */
  metrics: Registry;
  /** Milliseconds since the epoch. Default: a clock that does not jump. */
  now?: () => number;
  /** For the policy `lottery`: uniform in [0, 1). Default: `Math.random`. */
  random?: () => number;
  /** Requests that may wait inside a worker beyond its slots. Default: a quarter of its slots, rounded up. */
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
  /** Whether the shared registry has been read since the start, so that there is a view to route from. */
  hasView(): boolean;
  /** Whether changes at other servers are heard of at once; null without a feed of changes. */
  isFeedUp(): boolean | null;
};

/** Builds the controller; nothing is dialled and no timer runs before `start()`. Errors: `invalid_request` for networks. */
export function createController(deps: ControllerDeps): ControllerService {
  const { env, store, logger } = deps;
  const now = deps.now ?? steadyNow;
  const heartbeatMs = env.ARENA_HEARTBEAT_MS;
  const registry = new WorkerRegistry({
    heartbeatMs,
    waitingAllowance: deps.waitingAllowance,
    policy: env.ARENA_DISPATCH_POLICY,
    random: deps.random ?? Math.random,
    isLimitShared: deps.modelShares !== undefined,
    areWorkersShared: deps.workerShares !== undefined,
  });
  const networks = createAllowedNetworks(env.ARENA_WORKER_NETWORKS);
  const secrets = createSecrets(env.ARENA_SECRET);
  const client = createHttpWorkerClient({
    networks,
    secretOf: secrets.secretOf,
    upstreamTimeoutMs: env.ARENA_UPSTREAM_TIMEOUT_MS,
    wholeAnswerTimeoutMs: env.ARENA_WHOLE_ANSWER_TIMEOUT_MS ?? defaults.wholeAnswerTimeoutMs,
  });
  const listeners = new Set<(models: readonly OfferedModel[]) => Promise<void>>();
  const metrics = createControllerMetrics(deps.metrics, {
    workers: () =>
      registry.list(now()).map(({ record, health, outstanding }) => ({
        id: record.id,
        slots: record.slots,
        busySlots: record.busySlots,
        health,
        outstanding,
      })),
    openClaims: () => registry.openClaims,
    lines: () => admission.lines(),
    isFeedUp: () => upkeep.isFeedUp(),
    isStoreReachable: () => upkeep.isStoreReachable(),
  });
  const admission = new Admission({
    registry,
    queueLimit: env.ARENA_QUEUE_LIMIT ?? defaults.queueLimit,
    deadlineMs: env.ARENA_QUEUE_DEADLINE_MS ?? defaults.queueDeadlineMs,
    metrics,
    logger,
    now,
    onWaiting: () => forShares((keeper) => keeper.urge()),
    onOwing: () => forShares((keeper) => keeper.renew()),
  });
  const keeping = { onGranted: () => admission.refill(), logger, now };
  const shareKeepers: ShareKeeper[] = [];
  if (deps.modelShares !== undefined) {
    shareKeepers.push(
      createShareKeeper({
        ...keeping,
        ...{ store: deps.modelShares, what: "the limits of models", leastAway: 0 },
        shared: () => sharedModels(registry, admission),
      }),
    );
  }
  if (deps.workerShares !== undefined) {
    shareKeepers.push(
      createShareKeeper({
        ...keeping,
        // Without the database every server must be able to reach every worker.
        ...{ store: deps.workerShares, what: "the places of workers", leastAway: 1 },
        shared: () => sharedWorkers(registry, admission),
        onServers: (count) => registry.setServers(count),
      }),
    );
  }
  const forShares = (act: (keeper: ShareKeeper) => void): void => {
    for (const keeper of shareKeepers) act(keeper);
  };
  const onWorkersChanged = (): void => {
    admission.refill();
    forShares((keeper) => keeper.urge());
  };
  const upkeep = createUpkeep({
    registry,
    store,
    client,
    heartbeatMs,
    logger,
    now,
    modelSettings: deps.modelSettings,
    changes: deps.changes,
    onWorkersChanged,
    onSharesWanted: () => forShares((keeper) => keeper.renew()),
  });
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
    cutOff: (workerId) => client.cutOff(workerId),
    onWorkersChanged,
    onRegistered: upkeep.probe,
  };
  const dispatching: DispatchDeps = {
    registry,
    admission,
    budget: new RetryBudget(),
    client,
    metrics,
    logger,
    now,
    onUnreachable: upkeep.probe,
  };
  let isClosed = false;

  return {
    register: (joinToken, request) => register(lifecycle, joinToken, request),
    heartbeat: (workerId, secret, report) => heartbeat(lifecycle, workerId, secret, report),
    leave: (workerId, secret) => leave(lifecycle, workerId, secret),
    dispatch: async (request) => {
      if (isClosed) throw new AppError("shutting_down");
      return await dispatch(dispatching, request);
    },
    models: ({ includeExperimental = false, pools } = {}) => {
      const workers = registry.list(now());
      const usable =
        pools === undefined ? workers : workers.filter(({ record }) => pools.includes(record.pool));
      return servedModels(usable, (name) => registry.model(name)?.settings.stage ?? "public").filter(
        ({ stage }) => includeExperimental || stage === "public",
      );
    },
    workers: () =>
      registry.list(now()).map(({ record, outstanding, health, seenAt, errorsInARow, ejectedUntil }) => ({
        id: record.id,
        url: record.url,
        engine: record.engine,
        version: record.version,
        device: record.device,
        slots: record.slots,
        pool: record.pool,
        models: record.models.map(({ name }) => name),
        outstanding,
        busySlots: record.busySlots,
        queued: record.queued,
        tokensPerSecond: record.tokensPerSecond,
        order: record.order,
        health,
        errorsInARow,
        ejectedUntil: ejectedUntil === null ? null : new Date(ejectedUntil),
        registeredAt: new Date(record.registeredAt),
        heartbeatAt: new Date(seenAt),
      })),
    queue: () => ({ ...admission.lengths, running: registry.openClaims }),
    tokenLimit: (name) => {
      const { id = null, tokensPerMinute = null } = registry.model(name)?.settings ?? {};
      return id === null || tokensPerMinute === null ? null : { modelId: id, tokensPerMinute };
    },
    onModelsOffered: (listener) => {
      listeners.add(listener);
    },
    start: async () => {
      await upkeep.start();
      for (const keeper of shareKeepers) await keeper.start();
    },
    isStoreReachable: () => upkeep.isStoreReachable(),
    hasView: () => upkeep.hasView(),
    isFeedUp: () => upkeep.isFeedUp(),
    close: async () => {
      isClosed = true;
      admission.close();
      await Promise.all([upkeep.stop(), ...shareKeepers.map((keeper) => keeper.stop()), client.close()]);
    },
  };
}
