"use client";

import { useCallback, useEffect, useRef, useState } from "react";
import { ApiError } from "@/app/_data/api-error";
import { callApi } from "@/app/_data/call-api";
import { type ForkChoice, type ForkFit, needsVotes } from "@/lib/fork";
import { type BoardPairs, type BoardQuery, boardPairsSchema } from "@/lib/protocol";
import { toKeySearch } from "../_board/board-params";
import type { ForkFailure, ForkReply, ForkRequest, ForkStep } from "./fork-messages";
import type { ForkPin } from "./fork-params";

export type FittedFork = {
  pairs: BoardPairs;
  fit: ForkFit;
  choice: ForkChoice;
  /** Hash of the file of votes; null where it was not needed. */
  votes: string | null;
  /** Of the file; where it was not needed, that of the pair counts' moment. */
  votesEdition: string | null;
  fitMs: number;
};

export type Fork = {
  /** The newest fit that is done; it stays in view while another is being made. */
  fitted: FittedFork | null;
  /** `fitted` is what is asked for. */
  isCurrent: boolean;
  /** What is being done; null when nothing is. */
  progress: ForkStep | null;
  failure: ForkFailure | "cancelled" | null;
  cancel: () => void;
  /** Fits again, on the newest data. */
  refit: () => void;
};

/** A short pause lets a reader type a number, or press two boxes, before anything is fitted. */
const pauseMs = 120;

type State = Pick<Fork, "fitted" | "progress" | "failure">;

/**
 * Fits a reader's choice in a worker of its own, and again when the choice changes; a fit that is under way then is ended.
 * The pair counts stay those of the first fit until the reader asks for newer ones, so that figures do not move by
 * themselves.
 *
 * @param at the editions that a permalink names; null: the newest
 */
export function useFork(
  key: Pick<BoardQuery, "board" | "category">,
  choice: ForkChoice,
  at: ForkPin["editions"],
): Fork {
  const search = toKeySearch(key);
  // What is only shown or hidden needs no other fit.
  const wanted = `${search} ${JSON.stringify({ ...choice, minVotes: 0, at })}`;
  const [state, setState] = useState<State>({ fitted: null, progress: null, failure: null });
  const [fittedAs, setFittedAs] = useState("");
  const [attempts, setAttempts] = useState(0);
  const pairs = useRef<{ search: string; isPinned: boolean; pairs: BoardPairs } | null>(null);
  const worker = useRef<{ worker: Worker; isBusy: boolean } | null>(null);
  const newest = useRef({ choice, at });
  newest.current = { choice, at };

  const endWorker = useCallback(() => {
    worker.current?.worker.terminate();
    worker.current = null;
  }, []);
  useEffect(() => endWorker, [endWorker]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `wanted` stands for the choice; `attempts` fits again on the reader's wish.
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    const tell = (change: Partial<State>) => {
      if (!signal.aborted) setState((earlier) => ({ ...earlier, ...change }));
    };

    async function run() {
      tell({ progress: { step: "download", done: 0 }, failure: null });
      const { choice: asked, at: pinned } = newest.current;
      const held = pairs.current;
      const isHeld =
        held?.search === search &&
        // What was fetched as the newest serves the link that was made of it, but not the other way round.
        (pinned === null ? !held.isPinned : held.pairs.edition === pinned.counts);
      if (!isHeld) {
        const fresh = await callApi(toPairsAddress(search, pinned), boardPairsSchema, { signal });
        pairs.current = { search, isPinned: pinned !== null, pairs: fresh };
      }
      if (signal.aborted) return;
      const data = pairs.current?.pairs;
      if (data === undefined) return;
      if (worker.current?.isBusy === true) endWorker();
      const entry = worker.current ?? { worker: startWorker(), isBusy: true };
      entry.isBusy = true;
      worker.current = entry;
      const request: ForkRequest = {
        ...{ id: attempts, pairs: data, choice: asked, votesEdition: pinned?.votes ?? null },
        votesUrl: needsVotes(asked)
          ? new URL(`/api/leaderboard/votes?board=${key.board}`, window.location.href).href
          : null,
      };
      entry.worker.onmessage = ({ data: reply }: MessageEvent<ForkReply>) => {
        if (reply.kind === "progress") return tell({ progress: reply.progress });
        entry.isBusy = false;
        if (reply.kind === "failed") return tell({ progress: null, failure: reply.failure });
        const { fit, votes, fitMs } = reply;
        tell({
          fitted: {
            ...{ pairs: data, fit, choice: request.choice, votes: votes?.hash ?? null, fitMs },
            votesEdition: votes?.edition ?? pinned?.votes ?? data.votesEdition,
          },
          progress: null,
          failure: null,
        });
        if (!signal.aborted) setFittedAs(wanted);
      };
      // Its code did not come, or it ran out of memory.
      entry.worker.onerror = () => {
        endWorker();
        tell({ progress: null, failure: "fit" });
      };
      entry.worker.postMessage(request);
    }

    const timer = setTimeout(() => {
      run().catch((error: unknown) => {
        const isUnknown = error instanceof ApiError && error.code === "not_found";
        tell({ progress: null, failure: isUnknown ? "unknown" : "download" });
      });
    }, pauseMs);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [wanted, attempts, endWorker]);

  const cancel = useCallback(() => {
    endWorker();
    setState((earlier) => ({ ...earlier, progress: null, failure: "cancelled" }));
  }, [endWorker]);

  const refit = useCallback(() => {
    pairs.current = null;
    setAttempts((count) => count + 1);
  }, []);

  return { ...state, isCurrent: fittedAs === wanted && state.fitted !== null, cancel, refit };
}

function toPairsAddress(search: string, at: ForkPin["editions"]): string {
  const query = new URLSearchParams(search);
  if (at !== null) query.set("edition", at.counts);
  return `/api/leaderboard/pairs${query.size === 0 ? "" : `?${query}`}`;
}

function startWorker(): Worker {
  return new Worker(new URL("./fork-worker.ts", import.meta.url), { type: "module" });
}
