import type { KeyRecord } from "./key-record";

export type KeyCacheOptions = {
  /** Reads keys by prefix; those that do not exist are absent from the answer. */
  load: (prefixes: readonly string[]) => Promise<readonly KeyRecord[]>;
  /** Milliseconds, by a clock that never goes back. */
  now: () => number;
  /** How long an entry is believed without a look into the database: what NOTIFY did not bring is known after that. */
  ttlMs?: number;
  /** For how long a known key is believed while the database cannot be asked. */
  staleMs?: number;
  /** Most keys, and most prefixes known not to exist, that are kept. */
  capacity?: number;
  onLoadFailed?: (error: unknown) => void;
};

export type KeyCache = {
  /** At once where the entry is fresh, else after a look into the database. Errors: those of `load`. */
  find(prefix: string): KeyRecord | null | Promise<KeyRecord | null>;
  /**
   * Forgets a key that was changed. Without a prefix: every entry has to be read again, for changes may have been missed;
   * known keys are still believed if that fails.
   */
  invalidate(prefix?: string): void;
};

type Entry = { record: KeyRecord | null; refreshAt: number; freshUntil: number; trustedUntil: number };

type Read = {
  promise: Promise<KeyRecord | null>;
  resolve: (record: KeyRecord | null | Promise<KeyRecord | null>) => void;
  reject: (error: unknown) => void;
  /** The key was changed while it was read; what was read may be from before that. */
  isOutdated: boolean;
};

/** Between two tries while the database is away. */
const retryMs = 1_000;

/**
 * Keys in memory. Reads are gathered: while one is under way, whatever is asked for waits for the next, so that a flood
 * of unknown keys costs one query at a time, whatever its size. A key in use is read again before its time is over, so
 * that its requests never wait.
 */
export function createKeyCache(options: KeyCacheOptions): KeyCache {
  const { load, now, ttlMs = 5_000, staleMs = 15 * 60_000, capacity = 10_000 } = options;
  // Two maps, so that invented keys cannot push real ones out.
  const known = new Map<string, Entry>();
  const unknown = new Map<string, Entry>();
  let waiting = new Map<string, Read>();
  let running = new Map<string, Read>();
  /** When the next try is due after a failed one; null while reads succeed. */
  let retryAt: number | null = null;

  function keep(prefix: string, record: KeyRecord | null): void {
    known.delete(prefix);
    unknown.delete(prefix);
    const map = record === null ? unknown : known;
    if (map.size >= capacity) map.delete(map.keys().next().value ?? "");
    const at = now();
    const times = { refreshAt: at + ttlMs / 2, freshUntil: at + ttlMs, trustedUntil: at + staleMs };
    map.set(prefix, { record, ...times });
  }

  function read(prefix: string): Promise<KeyRecord | null> {
    const under = waiting.get(prefix) ?? running.get(prefix);
    if (under !== undefined && !under.isOutdated) return under.promise;
    const next = createRead();
    waiting.set(prefix, next);
    if (running.size === 0) void runReads();
    return next.promise;
  }

  async function runReads(): Promise<void> {
    while (waiting.size > 0) {
      running = waiting;
      waiting = new Map();
      try {
        const records = new Map((await load([...running.keys()])).map((record) => [record.prefix, record]));
        retryAt = null;
        for (const [prefix, one] of running) {
          const record = records.get(prefix) ?? null;
          if (one.isOutdated) one.resolve(read(prefix));
          else {
            keep(prefix, record);
            one.resolve(record);
          }
        }
      } catch (error) {
        retryAt = now() + retryMs;
        options.onLoadFailed?.(error);
        for (const [prefix, one] of running) {
          const entry = known.get(prefix);
          if (entry !== undefined && now() < entry.trustedUntil) one.resolve(entry.record);
          else one.reject(error);
        }
      } finally {
        running = new Map();
      }
    }
  }

  /** Its failure has been reported by `onLoadFailed`, and nobody waits for its result. */
  function refresh(prefix: string): void {
    read(prefix).then(
      () => undefined,
      () => undefined,
    );
  }

  return {
    find(prefix) {
      const entry = known.get(prefix) ?? unknown.get(prefix);
      if (entry === undefined) return read(prefix);
      const at = now();
      if (at < entry.freshUntil) {
        if (at >= entry.refreshAt && entry.record !== null && (retryAt === null || at >= retryAt))
          refresh(prefix);
        return entry.record;
      }
      if (retryAt === null || entry.record === null || at >= entry.trustedUntil) return read(prefix);
      if (at >= retryAt) refresh(prefix);
      return entry.record;
    },
    invalidate(prefix) {
      if (prefix !== undefined) {
        known.delete(prefix);
        unknown.delete(prefix);
        const one = running.get(prefix);
        if (one !== undefined) one.isOutdated = true;
        return;
      }
      for (const entry of known.values()) entry.freshUntil = Number.NEGATIVE_INFINITY;
      unknown.clear();
      for (const one of running.values()) one.isOutdated = true;
    },
  };
}

function createRead(): Read {
  let resolve: Read["resolve"] = () => undefined;
  let reject: Read["reject"] = () => undefined;
  const promise = new Promise<KeyRecord | null>((onDone, onFailed) => {
    resolve = onDone;
    reject = onFailed;
  });
  return { promise, resolve, reject, isOutdated: false };
}
