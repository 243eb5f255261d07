"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { backoffMs, waitToReconnect } from "@/app/_data/backoff";
import type { BoardQuery, Leaderboard } from "@/lib/protocol";
import { toBoardSearch, toKeySearch } from "./board-params";

export type LiveBoard = {
  /** The newest that has arrived; while `isWaiting` that of an earlier choice. */
  board: Leaderboard;
  isWaiting: boolean;
  /** The last attempt to fetch it failed. */
  hasFailed: boolean;
  retry: () => void;
};

type Held = { board: Leaderboard; search: string; hasFailed: boolean };

/**
 * The board of a query as it is refitted: the stream only says that there is a new one, then the whole board is fetched.
 * `initial` is the board of the query at the first render; both the stream and its code are loaded after the page stands,
 * so the first paint needs neither.
 */
export function useLiveBoard(initial: Leaderboard, query: BoardQuery): LiveBoard {
  const search = toBoardSearch(query);
  const keySearch = toKeySearch(query);
  const [held, setHeld] = useState<Held>({ board: initial, search, hasFailed: false });
  const [attempts, setAttempts] = useState(0);
  const newest = useRef(held);
  newest.current = held;

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempts` begins again on the reader's wish.
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;

    // What failed was another choice.
    if (newest.current.search !== search && newest.current.hasFailed)
      setHeld((earlier) => ({ ...earlier, hasFailed: false }));

    async function refresh(fetchBoard: (search: string, signal: AbortSignal) => Promise<Leaderboard>) {
      try {
        const board = await fetchBoard(search, signal);
        if (!signal.aborted) setHeld({ board, search, hasFailed: false });
      } catch {
        showStale();
      }
    }

    /** The last board stays in view, and the page says that it is not fresh. */
    function showStale() {
      if (!signal.aborted) setHeld((earlier) => ({ ...earlier, hasFailed: true }));
    }

    async function follow() {
      const { fetchBoard, listenToBoard } = await import("./follow-board");
      let hasBoard = newest.current.search === search && !newest.current.hasFailed;
      for (let attempt = 0; !signal.aborted; attempt += 1) {
        // Another choice than the one in view, or what was refitted while nobody listened.
        if (!hasBoard) await refresh(fetchBoard);
        hasBoard = false;
        try {
          await listenToBoard(keySearch, signal, async (snapshotId) => {
            attempt = 0;
            const { board, search: shown } = newest.current;
            if (shown !== search || board.snapshotId !== snapshotId) await refresh(fetchBoard);
          });
        } catch {
          // The connection dropped; the loop connects again.
        }
        await waitToReconnect(backoffMs(attempt, Math.random), signal);
      }
    }

    // Its code could not be fetched, offline for instance.
    follow().catch(showStale);
    return () => controller.abort();
  }, [search, keySearch, attempts]);

  const retry = useCallback(() => {
    setHeld((earlier) => ({ ...earlier, hasFailed: false, search: "" }));
    setAttempts((count) => count + 1);
  }, []);

  return { board: held.board, isWaiting: held.search !== search, hasFailed: held.hasFailed, retry };
}
