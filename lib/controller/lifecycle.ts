import { AppError } from "@/lib/errors";
import type {
  HeartbeatRequest,
  HeartbeatResponse,
  OfferedModel,
  RegisterRequest,
  RegisterResponse,
} from "@/lib/protocol";
import type { AllowedNetworks } from "./adapters/allowed-networks";
import type { Secrets } from "./adapters/secrets";
import type { WorkerRegistry } from "./core/registry";
import type { ControllerLogger, JoinTokenVerifier, WorkerStore } from "./ports";

export type LifecycleDeps = {
  registry: WorkerRegistry;
  store: WorkerStore;
  secrets: Secrets;
  joinTokens: JoinTokenVerifier;
  networks: AllowedNetworks;
  heartbeatMs: number;
  logger: ControllerLogger;
  now: () => number;
  listeners: ReadonlySet<(models: readonly OfferedModel[]) => Promise<void>>;
  /** What this process runs at a worker ends, because the operator has ejected it. */
  cutOff: (workerId: string) => void;
  /** The workers have changed: places may have fallen free, or gone. */
  onWorkersChanged: () => void;
  /** A worker has come whose address may have to be asked whether it takes its secret. */
  onRegistered: () => void;
};

/** Token, address, row, listeners, and only then the registry: no request is routed to a model that nobody knows yet. */
export async function register(
  deps: LifecycleDeps,
  joinToken: string,
  request: RegisterRequest,
): Promise<RegisterResponse> {
  const grant = await deps.joinTokens.verify(
    joinToken,
    request.models.map(({ name }) => name),
  );
  const offer = {
    ...request,
    url: baseAddress(request.url),
    pool: grant.pool ?? request.pool,
    joinTokenId: grant.tokenId,
  };
  requireDistinctNames(request.models);
  await deps.networks.check(offer.url);
  const record = await deps.store.register(offer, deps.now());
  for (const listener of deps.listeners) await listener(request.models);
  deps.registry.register(record);
  deps.onWorkersChanged();
  deps.onRegistered();
  deps.logger.info(
    {
      workerId: record.id,
      url: record.url,
      engine: record.engine,
      models: request.models.map(({ name }) => name),
    },
    "worker registered",
  );
  return { workerId: record.id, secret: deps.secrets.secretOf(record.id), heartbeatMs: deps.heartbeatMs };
}

/**
 * The registry in memory is what routes, so it learns of the heartbeat even while the database is away. The row decides
 * only about workers that this process does not know: registered at another server, or before a restart.
 */
export async function heartbeat(
  deps: LifecycleDeps,
  workerId: string,
  secret: string,
  report: HeartbeatRequest,
): Promise<HeartbeatResponse> {
  if (!deps.secrets.isSecretOf(workerId, secret)) throw new AppError("invalid_worker_secret");
  const now = deps.now();
  const isKnown = deps.registry.heartbeat(workerId, report, now);
  let record: Awaited<ReturnType<WorkerStore["heartbeat"]>> = null;
  try {
    const stored = deps.store.heartbeat(workerId, report, now);
    record = await (isKnown ? withinPatience(stored, deps.heartbeatMs) : stored);
  } catch (error) {
    if (!isKnown) throw error;
    deps.logger.warn({ err: error, workerId }, "heartbeat could not be stored");
    deps.onWorkersChanged();
    return { heartbeatMs: deps.heartbeatMs, order: deps.registry.orderOf(workerId) };
  }
  if (record !== null) {
    for (const ejected of deps.registry.mergeSnapshot([record], now)) deps.cutOff(ejected);
  } else if (!isKnown) throw new AppError("worker_unknown");
  else if (deps.registry.health(workerId, now) !== "leaving") {
    // The row is gone or was closed elsewhere: the worker has to introduce itself again.
    deps.registry.leave(workerId, now);
    deps.onWorkersChanged();
    throw new AppError("worker_unknown");
  }
  deps.onWorkersChanged();
  return { heartbeatMs: deps.heartbeatMs, order: deps.registry.orderOf(workerId) };
}

/** Of a heartbeat interval: how long the worker's answer waits for the database. */
const patience = 0.25;

/**
 * A worker sends its next heartbeat after the answer to this one. If that waited for a database that does not answer, every
 * worker would fall silent with it. What is stored late is stored all the same. Errors: those of `stored`; `database_unavailable`.
 */
async function withinPatience<T>(stored: Promise<T>, heartbeatMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AppError("database_unavailable")), heartbeatMs * patience);
  });
  try {
    return await Promise.race([stored, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Routing stops at once, whether or not the database can be told. Errors: also `database_unavailable`. */
export async function leave(deps: LifecycleDeps, workerId: string, secret: string): Promise<void> {
  if (!deps.secrets.isSecretOf(workerId, secret)) throw new AppError("invalid_worker_secret");
  deps.registry.leave(workerId, deps.now());
  deps.onWorkersChanged();
  await deps.store.leave(workerId, deps.now());
  deps.logger.info({ workerId }, "worker left");
}

/** Scheme, host and port. Anything more would be ignored or, worse, used: credentials, paths, queries. */
function baseAddress(text: string): string {
  const url = new URL(text);
  if (
    url.username !== "" ||
    url.password !== "" ||
    url.pathname !== "/" ||
    url.search !== "" ||
    url.hash !== ""
  ) {
    throw new AppError("invalid_request", {
      message: "url: a base address without a path is needed",
      param: "url",
    });
  }
  return url.origin;
}

function requireDistinctNames(models: readonly OfferedModel[]): void {
  const names = new Set(models.map(({ name }) => name));
  if (names.size < models.length) {
    throw new AppError("invalid_request", {
      message: "models: each name may be offered once",
      param: "models",
    });
  }
}
