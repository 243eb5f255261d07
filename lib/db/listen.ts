import { setTimeout as delay } from "node:timers/promises";
import { Client, escapeIdentifier } from "pg";

export type ListenOptions = {
  /** The database, as in DATABASE_URL. A pooler in transaction mode does not pass notifications on. */
  url: string;
  channel: string;
  onMessage: (payload: string) => void;
  /** The connection listens. What was sent while it did not is lost: read everything anew. */
  onUp: () => void;
  /** The connection was lost or could not be made; the next try follows by itself. */
  onDown: (error: unknown) => void;
  /** First and longest wait before a new try, in milliseconds. Default 100 and 10,000. */
  backoffMs?: { first: number; most: number };
};

/**
 * Listens to a PostgreSQL channel over a connection of its own until the returned function is called, which resolves when
 * the connection is closed. A lost connection is made anew, after a growing wait.
 */
export function listen(options: ListenOptions): () => Promise<void> {
  const { first, most } = options.backoffMs ?? { first: 100, most: 10_000 };
  const stopping = new AbortController();

  const run = async (): Promise<void> => {
    let waitMs = first;
    while (!stopping.signal.aborted) {
      try {
        await listenOnce(options, stopping.signal, () => {
          waitMs = first;
        });
      } catch (error) {
        if (stopping.signal.aborted) return;
        options.onDown(error);
        // Servers that lost the same database must not all come back in the same moment.
        await pause(waitMs * (0.5 + Math.random() / 2), stopping.signal);
        waitMs = Math.min(waitMs * 2, most);
      }
    }
  };

  const running = run();
  return async () => {
    stopping.abort();
    await running;
  };
}

/** One connection's life. Resolves when told to stop; rejects when the connection cannot be made or is lost. */
async function listenOnce(
  { url, channel, onMessage, onUp }: ListenOptions,
  stop: AbortSignal,
  onConnected: () => void,
): Promise<void> {
  const client = new Client({
    connectionString: url,
    application_name: "chat-arena listener",
    connectionTimeoutMillis: 10_000,
    // A peer that vanished without a word is noticed by the operating system.
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  });
  const ended = new Promise<never>((_, reject) => {
    client.on("error", reject);
    client.on("end", () => reject(new Error("The database closed the connection.")));
  });
  let onStop: () => void = () => undefined;
  const stopped = new Promise<void>((resolve) => {
    onStop = resolve;
    if (stop.aborted) resolve();
    else stop.addEventListener("abort", onStop, { once: true });
  });
  client.on("notification", ({ payload }) => onMessage(payload ?? ""));
  try {
    const up = async (): Promise<void> => {
      await client.connect();
      await client.query(`LISTEN ${escapeIdentifier(channel)}`);
    };
    await Promise.race([up(), ended, stopped]);
    if (stop.aborted) return;
    onConnected();
    onUp();
    await Promise.race([ended, stopped]);
  } finally {
    stop.removeEventListener("abort", onStop);
    await client.end();
  }
}

async function pause(ms: number, stop: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal: stop });
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}
