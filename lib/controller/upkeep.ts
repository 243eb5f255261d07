import type { WorkerRegistry } from "./core/registry";
import type {
  ChangeFeed,
  ControllerLogger,
  ModelSettingsSource,
  RegistryChange,
  WorkerClient,
  WorkerStore,
} from "./ports";

export type UpkeepDeps = {
  registry: WorkerRegistry;
  store: WorkerStore;
  client: WorkerClient;
  heartbeatMs: number;
  logger: ControllerLogger;
  now: () => number;
  /** Absent: every model has the default settings. */
  modelSettings?: ModelSettingsSource | undefined;
  /** Absent: changes at other servers are noticed at the next reading. */
  changes?: ChangeFeed | undefined;
  /** The workers or the settings have changed: places may have fallen free. */
  onWorkersChanged: () => void;
};

export type Upkeep = {
  /** Loads the shared registry; with the database away it is loaded as soon as it can be. Starts the timers. */
  start(): Promise<void>;
  /** Begins to probe the workers that are unreachable, unless that is going on. */
  probe(): void;
  /** Whether the latest look at the shared registry succeeded. */
  isStoreReachable(): boolean;
  /** Whether the shared registry has been read since the start. */
  hasView(): boolean;
  /** Whether changes at other servers are heard of at once; null without a feed. */
  isFeedUp(): boolean | null;
  stop(): Promise<void>;
};

/** Rows older than this, in heartbeat intervals, are not looked at. */
const listedIntervals = 60;
const firstProbeDelayMs = 50;

/**
 * What happens between requests: hear of changes in the shared registry, read it at intervals all the same (heartbeats at
 * other servers, and whatever a lost message would have said), notice silence, probe what was unreachable.
 */
export function createUpkeep(deps: UpkeepDeps): Upkeep {
  const { registry, store, client, heartbeatMs, logger, now, modelSettings, changes, onWorkersChanged } =
    deps;
  let isRestored = false;
  let isStoreReachable = false;
  let isFeedUp = false;
  let isRunning = false;
  let syncing: Promise<void> | null = null;
  let isSyncWanted = false;
  let syncTimer: NodeJS.Timeout | undefined;
  let probeTimer: NodeJS.Timeout | undefined;

  const read = async (): Promise<void> => {
    try {
      const [records, settings] = await Promise.all([
        store.list(now() - listedIntervals * heartbeatMs),
        modelSettings?.list(),
      ]);
      if (settings !== undefined) registry.applySettings(settings);
      if (isRestored) cutOff(registry.mergeSnapshot(records));
      else registry.restore(records, now());
      isRestored = true;
      if (!isStoreReachable) logger.info({ workers: records.length }, "worker registry loaded");
      isStoreReachable = true;
      onWorkersChanged();
    } catch (error) {
      storeFailed(error);
    }
  };

  const cutOff = (workerIds: readonly string[]): void => {
    for (const workerId of workerIds) {
      logger.warn({ workerId }, "worker ejected by the operator");
      client.cutOff(workerId);
    }
  };

  const storeFailed = (error: unknown): void => {
    if (isStoreReachable || !isRestored) {
      logger.error({ err: error }, "worker registry unreachable; routing from the last view");
    }
    isStoreReachable = false;
  };

  /** Calls during a reading share the one that follows it: the present one may have missed what they are about. */
  const sync = (): Promise<void> => {
    if (syncing !== null) {
      isSyncWanted = true;
      return syncing;
    }
    syncing = (async () => {
      do {
        isSyncWanted = false;
        await read();
      } while (isSyncWanted && isRunning);
      syncing = null;
    })();
    return syncing;
  };

  const takeOver = async (change: RegistryChange): Promise<void> => {
    try {
      if (change.kind === "worker") {
        const record = await store.get(change.workerId);
        if (record !== null) cutOff(registry.mergeSnapshot([record]));
      } else if (modelSettings !== undefined) {
        registry.applySettings(await modelSettings.list());
      }
      onWorkersChanged();
    } catch (error) {
      storeFailed(error);
    }
  };

  const listener: Parameters<ChangeFeed["start"]>[0] = {
    onChange: (change) => {
      if (isRunning) void takeOver(change);
    },
    onUp: () => {
      isFeedUp = true;
      logger.info({}, "listening to changes of the worker registry");
      if (isRunning) void sync();
    },
    onDown: (error) => {
      if (isFeedUp) logger.warn({ err: error }, "changes of the worker registry are not heard; polling");
      isFeedUp = false;
    },
  };

  const sweep = (): void => {
    const { changes: healthChanges, forgotten } = registry.sweep(now());
    for (const change of healthChanges) logger.info(change, "worker health changed");
    for (const workerId of forgotten) client.forget(workerId);
  };

  /** Doubles the pause until every worker has answered or fallen silent; then a new refusal starts it anew. */
  const probeAfter = (delayMs: number): void => {
    probeTimer = setTimeout(async () => {
      await Promise.all(
        registry.toProbe(now()).map(async ({ id, url }) => {
          if (!(await client.probe({ id, url }))) return;
          registry.markReachable(id, now());
          logger.info({ workerId: id }, "worker reachable again");
          onWorkersChanged();
        }),
      );
      probeTimer = undefined;
      if (isRunning && registry.toProbe(now()).length > 0) probeAfter(Math.min(delayMs * 2, heartbeatMs));
    }, delayMs);
    probeTimer.unref();
  };

  const probe = (): void => {
    if (isRunning && probeTimer === undefined) probeAfter(Math.min(firstProbeDelayMs, heartbeatMs));
  };

  return {
    start: async () => {
      isRunning = true;
      // Before the first reading, so that nothing falls between the two.
      changes?.start(listener);
      await sync();
      // Told to stop while the database was slow to answer.
      if (!isRunning) return;
      probe();
      syncTimer = setInterval(async () => {
        await sync();
        if (!isRunning) return;
        sweep();
        if (registry.toProbe(now()).length > 0) probe();
        // Twice an interval: a heartbeat that another server received must be seen well before the worker counts as silent.
      }, heartbeatMs / 2);
      syncTimer.unref();
    },
    probe,
    isStoreReachable: () => isStoreReachable,
    hasView: () => isRestored,
    isFeedUp: () => (changes === undefined ? null : isFeedUp),
    stop: async () => {
      isRunning = false;
      clearInterval(syncTimer);
      clearTimeout(probeTimer);
      await changes?.stop();
    },
  };
}
