import type { WorkerRegistry } from "./core/registry";
import type { WorkerRecord } from "./core/types";
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
  /** The workers or the settings have changed: places may have fallen free, or gone. */
  onWorkersChanged: () => void;
  /** A server wants others to divide what they share anew. */
  onSharesWanted: (serverId: string) => void;
};

export type Upkeep = {
  /** Loads the shared registry; with the database away it is loaded as soon as it can be. Starts the timers. */
  start(): Promise<void>;
  /** Begins to probe the workers that are unreachable or unproven, unless that is going on. */
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
 *
 * The heartbeats that another server receives come here through the database, and not at all when the database or that
 * server is away. So silence alone puts no worker out: the worker is asked first, and stays as long as it answers.
 */
export function createUpkeep(deps: UpkeepDeps): Upkeep {
  const { registry, store, client, heartbeatMs, logger, now, modelSettings, changes, onWorkersChanged } =
    deps;
  /** Workers whose answer to a probe is awaited. */
  const probing = new Set<string>();
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
      if (isRestored) cutOff(registry.mergeSnapshot(records, now()));
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
    if (change.kind === "shares") {
      deps.onSharesWanted(change.serverId);
      return;
    }
    try {
      if (change.kind === "worker") {
        const record = await store.get(change.workerId);
        if (record !== null) cutOff(registry.mergeSnapshot([record], now()));
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
    if (healthChanges.length > 0 || forgotten.length > 0) onWorkersChanged();
  };

  const ask = async ({ id, url }: WorkerRecord): Promise<void> => {
    if (probing.has(id)) return;
    probing.add(id);
    const isAlive = await client.probe({ id, url });
    probing.delete(id);
    if (!isAlive || !isRunning) return;
    const before = registry.health(id, now());
    const displaced = registry.markReachable(id, now());
    for (const workerId of displaced) void dismiss(workerId, id);
    if (before === registry.health(id, now())) return;
    logger.info({ workerId: id }, "worker reachable again");
    onWorkersChanged();
  };

  /** The row of a worker whose address has taken another's secret. */
  const dismiss = async (workerId: string, successorId: string): Promise<void> => {
    logger.warn({ workerId, successorId }, "another worker has the address now");
    try {
      await store.leave(workerId, now());
    } catch (error) {
      // Read again, the row is contested again, until it can be closed.
      storeFailed(error);
    }
  };

  const askAll = (records: readonly WorkerRecord[]): Promise<unknown> => Promise.all(records.map(ask));

  /** Doubles the pause until every worker has answered or fallen silent; then a new refusal starts it anew. */
  const probeAfter = (delayMs: number): void => {
    probeTimer = setTimeout(async () => {
      await askAll(registry.toProbe(now()));
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
      // Twice an interval: a heartbeat that another server received must be seen well before the worker counts as silent.
      syncTimer = setInterval(() => {
        // None of it waits for the database, which may take its time to fail.
        sweep();
        void askAll(registry.quiet(now()));
        if (registry.toProbe(now()).length > 0) probe();
        void sync();
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
