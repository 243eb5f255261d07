import { fairShare } from "./core/fair-share";
import type { ControllerLogger, Share, ShareDecision, ShareStore } from "./ports";

/** Places that the servers divide among themselves: those of a worker, or those that a model's limit allows. */
export type SharedPlaces = {
  /** A worker's id, or a model's name. */
  readonly subject: string;
  /** Of all servers together. */
  readonly limit: number;
  /** Requests of this server that hold one now. */
  readonly outstanding: number;
  /** Requests of this server that wait for one now. */
  readonly waiting: number;
  /** Of both, those of people. */
  readonly people: number;
  /** Most that this server may hold. */
  readonly share: number;
  setShare(share: number): void;
};

export type ShareKeeperOptions = {
  store: ShareStore;
  /** What is divided, for the log. */
  what: string;
  /** What there is to divide now. Its numbers change while it is being divided. */
  shared: () => readonly SharedPlaces[];
  /** Places that this server may hold all the same while it cannot divide any. */
  leastAway: number;
  /** How many servers divide them, each time that it is known. */
  onServers?: ((count: number) => void) | undefined;
  /** A share has grown: whoever waits may go on. */
  onGranted: () => void;
  logger: ControllerLogger;
  /** Milliseconds since the epoch. */
  now: () => number;
};

export type ShareKeeper = {
  start(): Promise<void>;
  /** Someone waits, or there is something new to divide: where this server has too little, the next exchange comes soon. */
  urge(): void;
  /** Another server wants something, or this one has given back what another waits for: the next exchange comes soon. */
  renew(): void;
  stop(): Promise<void>;
};

const intervalMs = 1_000;
/** Between two exchanges, however many wait. */
const urgentMs = 50;
/** How long a place that cannot be divided stays with one server before another gets it. */
const turnMs = 5_000;

/**
 * Bounds that hold over all servers: they divide the places among themselves, and each claims within its share alone. Shares
 * follow the demand, people's before programs': whoever lacks places that another holds beyond its part tells so, and has them some 50 ms later, or when
 * the requests that hold them end. Without a feed of changes they are a second behind.
 *
 * Never more than there are: a share is lowered here before the others hear of it, and raised after the database has given
 * it, out of what the others hold. What a server holds is its share, and what still runs beyond it. Exceptions: a bound
 * that is lowered waits for what is running; a server that has not reached the database for a few seconds counts as dead for
 * the others, but goes on with its share, and with `leastAway` where it has none.
 */
export function createShareKeeper(options: ShareKeeperOptions): ShareKeeper {
  const { store, what, shared, leastAway, onServers, onGranted, logger, now } = options;
  /** By subject: how many places this server has told the others that it lacks, since it last got any. */
  const claimed = new Map<string, number>();
  let interval: NodeJS.Timeout | undefined;
  let soon: NodeJS.Timeout | undefined;
  let running: Promise<void> | null = null;
  let lastAt = Number.NEGATIVE_INFINITY;
  let isForced = false;
  let isAway = false;

  const divide = async (): Promise<void> => {
    const all = new Map(shared().map((one) => [one.subject, one]));
    if (all.size === 0) return;
    const raised: [SharedPlaces, number][] = [];
    let servers = 1;
    const demands = [...all.values()].map((one) => ({
      subject: one.subject,
      demand: one.outstanding + one.waiting,
      people: one.people,
    }));
    await store.exchange(demands, (subject, shares) => {
      const one = all.get(subject);
      if (one === undefined) return { places: 0, tellsOthers: false };
      servers = Math.max(servers, shares.length);
      const { share, ...decision } = decide(one, shares);
      if (share < one.share) one.setShare(share);
      else if (share > one.share) raised.push([one, share]);
      return decision;
    });
    onServers?.(servers);
    for (const [one, share] of raised) one.setShare(share);
    if (raised.length > 0) onGranted();
  };

  const decide = (one: SharedPlaces, shares: readonly Share[]): ShareDecision & { share: number } => {
    const { limit, outstanding } = one;
    const others = shares.filter(({ serverId }) => serverId !== store.serverId);
    const left = Math.max(0, limit - others.reduce((sum, { places }) => sum + places, 0));
    const target = fairShare(limit, shares, store.serverId, Math.floor(now() / turnMs));
    const share = Math.min(target, left);
    // What runs cannot be taken back.
    const places = Math.max(outstanding, share);
    const mine = shares.find(({ serverId }) => serverId === store.serverId);
    const gives = places < (mine?.places ?? 0) && others.some((other) => other.demand > other.places);
    // As the others see it: what was asked for since is told with the next exchange.
    const lacking = (mine?.demand ?? 0) > share ? target - share : 0;
    if (lacking === 0 || share > one.share) claimed.delete(one.subject);
    const isNews = lacking > (claimed.get(one.subject) ?? 0);
    if (isNews) claimed.set(one.subject, lacking);
    return { share, places, tellsOthers: gives || isNews };
  };

  const exchange = (): Promise<void> => {
    running ??= (async () => {
      isForced = false;
      try {
        await divide();
        if (isAway) logger.info({}, `${what} are shared again`);
        isAway = false;
      } catch (error) {
        // Once an outage: each server goes on with the share that it has.
        if (!isAway) logger.warn({ err: error }, `${what} cannot be shared`);
        isAway = true;
        claimed.clear();
        goOnAlone();
      } finally {
        lastAt = now();
        running = null;
        if (isForced) schedule();
      }
    })();
    return running;
  };

  const goOnAlone = (): void => {
    const without = shared().filter(({ share }) => share < leastAway);
    for (const one of without) one.setShare(leastAway);
    if (without.length > 0) onGranted();
  };

  const isShort = (): boolean =>
    shared().some(({ share, limit, waiting }) => share < limit && (waiting > 0 || share === 0));

  const schedule = (): void => {
    if (interval === undefined || isAway) return;
    soon ??= setTimeout(
      () => {
        soon = undefined;
        if (!isForced && !isShort()) return;
        // The exchange that is under way may have missed what this one is for.
        if (running !== null) isForced = true;
        else void exchange();
      },
      Math.max(0, lastAt + urgentMs - now()),
    ).unref();
  };

  return {
    start: async () => {
      interval = setInterval(() => void exchange(), intervalMs);
      interval.unref();
      await exchange();
    },
    urge: schedule,
    renew: () => {
      isForced = true;
      schedule();
    },
    stop: async () => {
      clearInterval(interval);
      clearTimeout(soon);
      interval = undefined;
      await running;
      try {
        await store.leave();
      } catch (error) {
        logger.warn({ err: error }, `the shares of ${what} could not be left; they end by themselves`);
      }
    },
  };
}
