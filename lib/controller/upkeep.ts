import type { WorkerRegistry } from "./core/registry";
import type { ControllerLogger, WorkerClient, WorkerStore } from "./ports";

export type UpkeepDeps = {
  registry: WorkerRegistry;
  store: WorkerStore;
  client: WorkerClient;
  heartbeatMs: number;
  logger: ControllerLogger;
  now: () => number;
};

export type Upkeep = {
  /** Loads the shared registry; with the database away it is loaded as soon as it can be. Starts the timers. */
  start(): Promise<void>;
  /** Begins to probe the workers that are unreachable, unless that is going on. */
  probe(): void;
  /** Whether the latest look at the shared registry succeeded. */
  isStoreReachable(): boolean;
  stop(): void;
};

/** Rows older than this, in heartbeat intervals, are not looked at. */
const listedIntervals = 60;
const firstProbeDelayMs = 50;

/** What happens between requests: look at the shared registry, notice silence, probe what was unreachable. */
export function createUpkeep(deps: UpkeepDeps): Upkeep {
  const { registry, store, client, heartbeatMs, logger, now } = deps;
  let isRestored = false;
  let isStoreReachable = false;
  let isRunning = false;
  let isSyncing = false;
  let syncTimer: NodeJS.Timeout | undefined;
  let probeTimer: NodeJS.Timeout | undefined;

  const sync = async (): Promise<void> => {
    if (isSyncing) return;
    isSyncing = true;
    try {
      const records = await store.list(now() - listedIntervals * heartbeatMs);
      if (isRestored) registry.mergeSnapshot(records);
      else registry.restore(records, now());
      isRestored = true;
      if (!isStoreReachable) logger.info({ workers: records.length }, "worker registry loaded");
      isStoreReachable = true;
    } catch (error) {
      if (isStoreReachable || !isRestored) {
        logger.error({ err: error }, "worker registry unreachable; routing from the last view");
      }
      isStoreReachable = false;
    } finally {
      isSyncing = false;
    }
  };

  const sweep = (): void => {
    const { changes, forgotten } = registry.sweep(now());
    for (const change of changes) logger.info(change, "worker health changed");
    for (const workerId of forgotten) client.forget(workerId);
  };

  /** Doubles the pause until every worker has answered or fallen silent; then a new refusal starts it anew. */
  const probeAfter = (delayMs: number): void => {
    probeTimer = setTimeout(async () => {
      await Promise.all(
        registry.unreachable(now()).map(async ({ id, url }) => {
          if (!(await client.probe({ id, url }))) return;
          registry.markReachable(id);
          logger.info({ workerId: id }, "worker reachable again");
        }),
      );
      probeTimer = undefined;
      if (isRunning && registry.unreachable(now()).length > 0) probeAfter(Math.min(delayMs * 2, heartbeatMs));
    }, delayMs);
    probeTimer.unref();
  };

  const probe = (): void => {
    if (isRunning && probeTimer === undefined) probeAfter(Math.min(firstProbeDelayMs, heartbeatMs));
  };

  return {
    start: async () => {
      isRunning = true;
      await sync();
      // Told to stop while the database was slow to answer.
      if (!isRunning) return;
      probe();
      syncTimer = setInterval(async () => {
        await sync();
        if (!isRunning) return;
        sweep();
        if (registry.unreachable(now()).length > 0) probe();
      }, heartbeatMs);
      syncTimer.unref();
    },
    probe,
    isStoreReachable: () => isStoreReachable,
    stop: () => {
      isRunning = false;
      clearInterval(syncTimer);
      clearTimeout(probeTimer);
    },
  };
}
