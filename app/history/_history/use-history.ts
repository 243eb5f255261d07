"use client";

import { useEffect, useState } from "react";
import { type ApiErrorCode, toApiError } from "@/app/_data/api-error";
import type { History, HistoryEntry } from "@/lib/protocol";
import { type HistoryQuery, historyApi } from "./history-api";

const typingPauseMs = 250;

export type HistoryState = {
  /** Null until the first page has come. */
  entries: readonly HistoryEntry[] | null;
  models: History["models"];
  nextCursor: string | null;
  isLoading: boolean;
  error: ApiErrorCode | null;
};

const nothing: HistoryState = { entries: null, models: [], nextCursor: null, isLoading: true, error: null };

/** The pages of the history that this query gives, fetched as they are asked for. */
export function useHistory(query: HistoryQuery) {
  const [state, setState] = useState(nothing);
  const [attempt, setAttempt] = useState(0);
  const { filter, model, query: text } = query;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt fetches the same again.
  useEffect(() => {
    const abort = new AbortController();
    setState((former) => ({ ...former, isLoading: true, error: null }));
    const timer = setTimeout(
      () => {
        historyApi.list({ filter, model, query: text }, null, abort.signal).then(
          (page) => setState({ ...page, isLoading: false, error: null }),
          (error: unknown) => {
            if (abort.signal.aborted) return;
            setState((former) => ({ ...former, isLoading: false, error: toApiError(error).code }));
          },
        );
      },
      text === "" ? 0 : typingPauseMs,
    );
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [filter, model, text, attempt]);

  async function more() {
    const { nextCursor, isLoading } = state;
    if (nextCursor === null || isLoading) return;
    setState((former) => ({ ...former, isLoading: true, error: null }));
    try {
      const page = await historyApi.list(query, nextCursor, new AbortController().signal);
      // Another query may have come meanwhile: then this page is not its continuation.
      setState((former) =>
        former.nextCursor === nextCursor
          ? { ...page, entries: [...(former.entries ?? []), ...page.entries], isLoading: false, error: null }
          : former,
      );
    } catch (error) {
      setState((former) => ({ ...former, isLoading: false, error: toApiError(error).code }));
    }
  }

  /** What the page shows of a battle whose texts are gone: a tombstone, or nothing without a vote. */
  function markDeleted(id: string) {
    setState((former) => ({
      ...former,
      entries:
        former.entries?.flatMap((entry) => {
          if (entry.id !== id) return [entry];
          return entry.outcome === null ? [] : [{ ...entry, prompt: "", isTextDeleted: true }];
        }) ?? null,
    }));
  }

  return { state, more, markDeleted, reload: () => setAttempt((count) => count + 1) };
}
