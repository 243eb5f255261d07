import type { Logger } from "pino";
import type { BoardEvent, BoardName } from "@/lib/protocol";
import type { BoardKey } from "./board-fits";

/** While somebody watches a board, votes that other servers counted are looked for this often. */
const lookMs = 1_000;

type Listener = (event: BoardEvent) => void;

/** Who watches which board. `check` fits a board where its counts have changed, and so announces it. */
export function createBoardSubscribers({
  check,
  logger,
}: {
  check: (key: BoardKey) => Promise<unknown>;
  logger: Logger;
}) {
  const watched = new Map<string, { key: BoardKey; listeners: Set<Listener> }>();
  let timer: NodeJS.Timeout | null = null;

  function look(board?: BoardName): void {
    for (const { key } of watched.values()) {
      if (board !== undefined && key.board !== board) continue;
      check(key).catch((error: unknown) => logger.warn({ err: error, ...key }, "cannot look after a board"));
    }
  }

  function watch(): void {
    if (watched.size > 0 && timer === null) {
      timer = setInterval(() => look(), lookMs);
      timer.unref();
    } else if (watched.size === 0 && timer !== null) {
      clearInterval(timer);
      timer = null;
    }
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
        watch();
      };
    },
    announce(event: BoardEvent): void {
      const { board, category } = event;
      for (const listener of watched.get(`${board}/${category}`)?.listeners ?? []) listener(event);
    },
    /** A vote was counted here: its categories are not waited for. */
    recheck: look,
    close(): void {
      watched.clear();
      watch();
    },
  };
}
