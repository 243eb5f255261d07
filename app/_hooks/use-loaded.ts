"use client";

import { useCallback, useEffect, useState } from "react";
import { type ApiError, toApiError } from "@/app/_data/api-error";

export type Loaded<T> = { value: T | null; error: ApiError | null };

/** What a call gives, fetched when the page opens and again whenever `load` is another one; `set` puts a newer one in its place. */
export function useLoaded<T>(load: () => Promise<T>) {
  const [state, setState] = useState<Loaded<T>>({ value: null, error: null });
  const [attempt, setAttempt] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt fetches the same again.
  useEffect(() => {
    let isCurrent = true;
    load().then(
      (value) => isCurrent && setState({ value, error: null }),
      (error: unknown) => isCurrent && setState({ value: null, error: toApiError(error) }),
    );
    return () => {
      isCurrent = false;
    };
  }, [load, attempt]);

  const set = useCallback((value: T) => setState({ value, error: null }), []);
  const reload = useCallback(() => setAttempt((count) => count + 1), []);
  return { ...state, set, reload };
}
