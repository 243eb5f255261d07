import type { Logger } from "pino";
import { listen } from "@/lib/db";
import type { BoardEvent } from "@/lib/protocol";
import type { BoardKey } from "./board-fits";

/** Told by a trigger on `category_totals`, with the board as payload. */
const channel = "arena_boards";

/** Votes that come faster are looked at together. */
const lookMs = 150;

type Listener = (event: BoardEvent) => void;

type Deps = {
  databaseUrl: string;
  /** Counts have changed: what is known of them is out of date. */
  onChange: () => void;
  /** Fits a board where its counts have changed, and so announces it. */
  check: (key: BoardKey) => Promise<unknown>;
  logger: Logger;
};

/**
 * Who watches which board. While somebody does, the database tells of counts that change, whichever server or program
 * changed them, and the boards that are watched are looked after; nothing is polled, and a server without readers of a
 * board does not fit it.
 */
export function createBoardSubscribers({ databaseUrl, onChange, check, logger }: Deps) {
  const watched = new Map<string, { key: BoardKey; listeners: Set<Listener> }>();
  const changed = new Set<string>();
  let stopListening: (() => Promise<void>) | null = null;
  let timer: NodeJS.Timeout | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;

  function look(): void {
    timer = null;
    lookedAt = performance.now();
    onChange();
    for (const { key } of watched.values()) {
      if (!changed.has(key.board)) continue;
      check(key).catch((error: unknown) => logger.warn({ err: error, ...key }, "cannot look after a board"));
    }
    changed.clear();
  }

  /** At once, unless it was a moment ago. */
  function recheck(board: string): void {
    changed.add(board);
    if (timer !== null) return;
    timer = setTimeout(look, Math.max(0, lookedAt + lookMs - performance.now()));
    timer.unref();
  }

  function watch(): void {
    if (watched.size === 0 || stopListening !== null) return;
    stopListening = listen({
      url: databaseUrl,
      channel,
      onMessage: recheck,
      // What was told while nobody listened is lost.
      onUp: () => {
        for (const { key } of watched.values()) recheck(key.board);
      },
      onDown: (error) => logger.warn({ err: error }, "boards do not hear of votes on other servers for now"),
    });
  }

  return {
    add(key: BoardKey, listener: Listener): () => void {
      const name = `${key.board}/${key.category}`;
      const entry = watched.get(name) ?? { key, listeners: new Set<Listener>() };
      watched.set(name, entry);
      entry.listeners.add(listener);
      watch();
      return () => {
        entry.listeners.delete(listener);
        if (entry.listeners.size === 0 && watched.get(name) === entry) watched.delete(name);
      };
    },
    announce(event: BoardEvent): void {
      const { board, category } = event;
      for (const listener of watched.get(`${board}/${category}`)?.listeners ?? []) listener(event);
    },
    /** A vote was counted here: its categories are not waited for. */
    recheck,
    async close(): Promise<void> {
      watched.clear();
      if (timer !== null) clearTimeout(timer);
      await stopListening?.();
    },
  };
}
