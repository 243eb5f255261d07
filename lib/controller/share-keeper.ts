import { fairShare } from "./core/fair-share";
import type { WorkerRegistry } from "./core/registry";
import type { ControllerLogger, ModelShare, ModelShareStore } from "./ports";

export type ShareKeeperOptions = {
  store: ModelShareStore;
  registry: WorkerRegistry;
  /** Requests that wait in line for the model. */
  waiting: (model: string) => number;
  /** A share has grown: whoever waits may go on. */
  onGranted: () => void;
  logger: ControllerLogger;
  /** Milliseconds since the epoch. */
  now: () => number;
};

export type ShareKeeper = {
  start(): Promise<void>;
  /** Someone waits, or a limit was changed: the next exchange comes soon. */
  urge(): void;
  stop(): Promise<void>;
};

const intervalMs = 1_000;
/** Between two exchanges, however many wait. */
const urgentMs = 50;
/** How long a place that cannot be divided stays with one server before another gets it. */
const turnMs = 5_000;

/**
 * A limit of concurrent requests that holds over all servers: they divide its places among themselves, and each claims
 * within its share alone. Shares follow the demand, about a second behind.
 *
 * Never more than the limit: a share is lowered here before the others hear of it, and raised after the database has
 * given it, out of what the others' shares leave. Two exceptions: a limit that is lowered waits for what is running, and
 * a server that has not reached the database for five seconds counts as dead for the others, but goes on with its share.
 */
export function createShareKeeper(options: ShareKeeperOptions): ShareKeeper {
  const { store, registry, waiting, onGranted, logger, now } = options;
  let interval: NodeJS.Timeout | undefined;
  let soon: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;
  let isAway = false;

  const divide = async (): Promise<void> => {
    const models = registry.limitedModels();
    if (models.length === 0) return;
    const raised = new Map<string, number>();
    const demands = models.map(({ name, outstanding }) => ({
      model: name,
      demand: outstanding + waiting(name),
    }));
    await store.exchange(demands, (model, shares) => {
      const places = placesOf(model, shares);
      if (places < registry.shareOf(model)) registry.setShare(model, places);
      else raised.set(model, places);
      return places;
    });
    for (const [model, places] of raised) registry.setShare(model, places);
    if (raised.size > 0) onGranted();
  };

  const placesOf = (model: string, shares: readonly ModelShare[]): number => {
    const state = registry.model(model);
    const limit = state?.settings.maxConcurrent ?? 0;
    const others = shares.filter(({ serverId }) => serverId !== store.serverId);
    const left = Math.max(0, limit - others.reduce((sum, { places }) => sum + places, 0));
    const target = fairShare(limit, shares, store.serverId, Math.floor(now() / turnMs));
    // What runs cannot be taken back.
    return Math.max(state?.outstanding ?? 0, Math.min(target, left));
  };

  const exchange = (): Promise<void> => {
    running ??= (async () => {
      try {
        await divide();
        if (isAway) logger.info({}, "the limits of models are shared again");
        isAway = false;
      } catch (error) {
        // Once an outage: each server goes on with the share that it has.
        if (!isAway) logger.warn({ err: error }, "the limits of models cannot be shared");
        isAway = true;
      } finally {
        running = null;
      }
    })();
    return running;
  };

  return {
    start: async () => {
      interval = setInterval(() => void exchange(), intervalMs);
      interval.unref();
      await exchange();
    },
    urge: () => {
      if (interval === undefined || isAway) return;
      soon ??= setTimeout(() => {
        soon = undefined;
        void exchange();
      }, urgentMs).unref();
    },
    stop: async () => {
      clearInterval(interval);
      clearTimeout(soon);
      interval = undefined;
      await running;
      try {
        await store.leave();
      } catch (error) {
        logger.warn({ err: error }, "the shares of models could not be left; they end by themselves");
      }
    },
  };
}
