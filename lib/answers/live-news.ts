import type { Logger } from "pino";
import { type Database, listen } from "@/lib/db";

/** All servers of a site listen here. A payload is `<kind>:<id>:<server>`. */
const channel = "arena_live";

/**
 * What has happened to a battle or a conversation. battle, conversation: its rows have changed. vote: the battle has got its vote.
 * conversation_deleted: nobody may read it any more. …_stop…: what is being written of it is to end, on one side or altogether.
 */
export type NewsKind =
  | ("battle" | "vote" | "battle_stop" | "battle_stop_a" | "battle_stop_b")
  | ("conversation" | "conversation_deleted" | "conversation_stop");

/** Tells the other servers of a site what one of them has changed in what they may hold in memory, and hears of it from them. */
export type LiveNews = {
  /** To be called when the change is committed. Waits for nothing: news that gets lost makes other tabs late, and a stop is asked for again. */
  tell(kind: NewsKind, ids: readonly string[]): void;
  /** `listener` is called with the ids that other servers tell of. */
  hear(kind: NewsKind, listener: (id: string) => Promise<void>): void;
  start(): void;
  /** Settles when everything is told. */
  close(): Promise<void>;
};

export type LiveNewsDeps = {
  db: Database;
  /** For the connection that listens. */
  databaseUrl: string;
  /** Of this server: its own news is none to it. */
  serverId: string;
  logger: Logger;
};

export function createLiveNews({ db, databaseUrl, serverId, logger }: LiveNewsDeps): LiveNews {
  const listeners = new Map<string, (id: string) => Promise<void>>();
  const telling = new Set<Promise<void>>();
  let stopListening = async (): Promise<void> => undefined;

  async function send(payloads: readonly string[]): Promise<void> {
    try {
      // Commits that notify follow one another, those of votes too. This one waits for no disk, so that none waits long for it.
      await db.$executeRaw`
        SELECT set_config('synchronous_commit', 'off', true), pg_notify(${channel}, payload)
        FROM unnest(${payloads}::text[]) AS payload`;
    } catch (error) {
      logger.warn({ err: error }, "other servers were not told of a change");
    }
  }

  async function receive(payload: string): Promise<void> {
    // Anything else is of a newer version.
    const [, kind = "", id = "", from] = /^([a-z_]+):([0-9a-f-]{36}):([0-9a-f-]{36})$/.exec(payload) ?? [];
    const listener = listeners.get(kind);
    if (listener === undefined || from === serverId) return;
    try {
      await listener(id);
    } catch (error) {
      logger.warn({ err: error, kind, id }, "what another server has changed cannot be shown");
    }
  }

  return {
    tell(kind, ids) {
      if (ids.length === 0) return;
      const told = send(ids.map((id) => `${kind}:${id}:${serverId}`)).finally(() => telling.delete(told));
      telling.add(told);
    },
    hear: (kind, listener) => listeners.set(kind, listener),
    start() {
      stopListening = listen({
        ...{ url: databaseUrl, channel },
        onMessage: (payload) => void receive(payload),
        onUp: () => undefined,
        onDown: (error) =>
          logger.warn({ err: error }, "what other servers change is not shown at once for now"),
      });
    },
    async close() {
      await stopListening();
      await Promise.all(telling);
    },
  };
}
