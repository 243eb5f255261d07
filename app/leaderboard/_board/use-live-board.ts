"use client";

import { useEffect, useState } from "react";
import { backoffMs, waitToReconnect } from "@/app/_data/backoff";
import type { Leaderboard } from "@/lib/protocol";

export type LiveBoard = { board: Leaderboard; hasFailed: boolean };

/**
 * The board as it is refitted: the stream only says that there is a new one, then the whole board is fetched. Both are
 * loaded after the page stands, so the first paint needs neither.
 */
export function useLiveBoard(initial: Leaderboard): LiveBoard {
  const [live, setLive] = useState<LiveBoard>({ board: initial, hasFailed: false });

  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;

    async function refresh(fetchBoard: (signal: AbortSignal) => Promise<Leaderboard>) {
      try {
        const board = await fetchBoard(signal);
        if (!signal.aborted) setLive({ board, hasFailed: false });
      } catch {
        showStale();
      }
    }

    /** The last board stays in view, and the page says that it is not fresh. */
    function showStale() {
      if (!signal.aborted) setLive((earlier) => ({ ...earlier, hasFailed: true }));
    }

    async function follow() {
      const { fetchBoard, listenToBoard } = await import("./follow-board");
      let isFirst = true;
      for (let attempt = 0; !signal.aborted; attempt += 1) {
        // What was refitted while nobody listened.
        if (!isFirst) await refresh(fetchBoard);
        isFirst = false;
        try {
          await listenToBoard(signal, async () => {
            attempt = 0;
            await refresh(fetchBoard);
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
  }, []);

  return live;
}
