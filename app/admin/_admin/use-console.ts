"use client";

import { useCallback, useEffect, useState } from "react";
import { z } from "zod";
import { type ApiError, toApiError } from "@/app/_data/api-error";
import { callApi } from "@/app/_data/call-api";

/** A signed-out console has nothing to show: the sign-in leads back. */
function leaveForSignIn(): void {
  const { pathname } = window.location;
  window.location.assign(`/sign-in?next=${encodeURIComponent(pathname)}`);
}

export type ConsoleData<T> = {
  /** The last answer; it stays while the next is on its way or has failed. */
  data: T | null;
  /** Why the last reading failed; null after a good one. */
  error: ApiError | null;
  reload: () => void;
};

/**
 * What an address of the console's API says, read again every `pollMs` while the page is in sight. Undefined: once, and
 * after each `reload`.
 */
export function useConsoleData<T>(path: string, schema: z.ZodType<T>, pollMs?: number): ConsoleData<T> {
  const [held, setHeld] = useState<{ path: string; data: T | null; error: ApiError | null }>({
    path,
    data: null,
    error: null,
  });
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `attempt` only says that it is to be read again.
  useEffect(() => {
    const leaving = new AbortController();
    const { signal } = leaving;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async (): Promise<void> => {
      if (document.visibilityState === "visible") {
        try {
          const data = await callApi(path, schema, { signal });
          if (signal.aborted) return;
          setHeld({ path, data, error: null });
        } catch (thrown) {
          if (signal.aborted) return;
          const error = toApiError(thrown);
          if (error.code === "sign_in_required") return leaveForSignIn();
          setHeld((earlier) => ({ path, data: earlier.path === path ? earlier.data : null, error }));
        }
      }
      if (pollMs !== undefined) timer = setTimeout(() => void read(), pollMs);
    };
    void read();
    return () => {
      leaving.abort();
      clearTimeout(timer);
    };
  }, [path, schema, pollMs, attempt]);

  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  const isCurrent = held.path === path;
  return { data: isCurrent ? held.data : null, error: isCurrent ? held.error : null, reload };
}

/** For answers that say nothing more than that it is done. */
export const doneSchema = z.unknown().transform(() => true as const);

type Deed<T> = {
  isRunning: boolean;
  error: ApiError | null;
  /** Resolves to the answer; null where it failed, which `error` tells. */
  run: (
    path: string,
    options: { method: "POST" | "PUT" | "PATCH" | "DELETE"; body?: unknown },
  ) => Promise<T | null>;
  clear: () => void;
};

/** One change at a time, with what came of it. */
export function useDeed<T>(schema: z.ZodType<T>): Deed<T> {
  const [isRunning, setRunning] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const run: Deed<T>["run"] = async (path, options) => {
    setRunning(true);
    setError(null);
    try {
      return await callApi(path, schema, options);
    } catch (thrown) {
      const failure = toApiError(thrown);
      if (failure.code === "sign_in_required") leaveForSignIn();
      setError(failure);
      return null;
    } finally {
      setRunning(false);
    }
  };
  return { isRunning, error, run, clear: () => setError(null) };
}
