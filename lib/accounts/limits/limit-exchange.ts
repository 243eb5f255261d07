import type { AccountsLogger } from "../logger";
import type { CounterStore } from "./counter-store";
import type { Limiter } from "./limiter";

export type LimitExchange = {
  start(): void;
  /** Exchanges now, or right after the exchange under way. */
  urge(): void;
  /** Reads what is known of these keys before their first request here. Errors: `database_unavailable`. */
  prime(keyIds: readonly string[]): Promise<void>;
  /** One exchange, for tests and the end. Does not reject. */
  exchange(): Promise<void>;
  /** Tells the others what is left to tell. */
  close(): Promise<void>;
};

export type LimitExchangeOptions = {
  limiter: Limiter;
  store: CounterStore;
  logger: AccountsLogger;
  /** Milliseconds since the epoch. */
  now?: () => number;
  intervalMs?: number;
};

/** Old rows are removed this often, by every server: a second removal finds nothing. */
const removeEveryMs = 60_000;

/** Keeps a server's limiter and the shared counts together: once a second, sooner where it matters, one at a time. */
export function createLimitExchange(options: LimitExchangeOptions): LimitExchange {
  const { limiter, store, logger, now = Date.now, intervalMs = 1_000 } = options;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;
  let isUrged = false;
  let isDue = false;
  let isAway = false;
  let removedAt = now();

  async function once(isRegular: boolean): Promise<void> {
    const deltas = limiter.takeDeltas();
    const keyIds = isRegular ? limiter.watched(now()) : [...new Set(deltas.map(({ keyId }) => keyId))];
    try {
      if (deltas.length > 0) await store.add(deltas);
    } catch (error) {
      limiter.returnDeltas(deltas);
      throw error;
    }
    limiter.applyTotals(deltas, [], now());
    if (keyIds.length > 0) limiter.applyTotals([], await store.read(keyIds, now()), now());
    const inFlight = limiter.inFlight(keyIds);
    if (inFlight.length > 0) {
      limiter.applyInFlightElsewhere(inFlight, await store.exchangeInFlight(inFlight));
    }
    if (!isRegular) return;
    limiter.tidy(now());
    if (now() - removedAt < removeEveryMs) return;
    removedAt = now();
    await store.removeOld(now());
  }

  async function run(isRegular: boolean): Promise<void> {
    try {
      await once(isRegular);
      if (isAway) logger.info({}, "the limits of API keys are shared again");
      isAway = false;
    } catch (error) {
      // Once an outage: each server goes on with what it knows.
      if (!isAway) logger.warn({ err: error }, "the limits of API keys cannot be shared");
      isAway = true;
    }
  }

  function exchange(isRegular: boolean): Promise<void> {
    const before = running;
    const mine = (before === null ? run(isRegular) : before.then(() => run(isRegular))).finally(() => {
      if (running === mine) running = null;
    });
    running = mine;
    return mine;
  }

  return {
    start() {
      timer = setInterval(() => {
        // Not skipped behind urgent ones, and not piled up behind a slow one.
        if (isDue) return;
        isDue = true;
        void exchange(true).then(() => {
          isDue = false;
        });
      }, intervalMs);
      timer.unref();
    },
    urge() {
      // While the database is away the next second is soon enough.
      if (isUrged || isAway) return;
      isUrged = true;
      void (running ?? Promise.resolve()).then(() => {
        isUrged = false;
        return exchange(false);
      });
    },
    async prime(keyIds) {
      const unknown = keyIds.filter((keyId) => !limiter.knows(keyId));
      if (unknown.length > 0) limiter.applyTotals([], await store.read(unknown, now()), now());
    },
    exchange: () => exchange(true),
    async close() {
      clearInterval(timer);
      await exchange(true);
      try {
        await store.leave();
      } catch (error) {
        logger.warn({ err: error }, "the limits of API keys could not be left; their rows end by themselves");
      }
    },
  };
}
