"use client";

import { useCallback, useEffect, useState } from "react";
import type { z } from "zod";
import { callApi } from "@/app/_data/call-api";

export type Resource<T> = { data: T | null; hasFailed: boolean; retry: () => void };

/**
 * The answer of an address of our API, asked again when `version` changes. While a new one is on its way the one before
 * stays, unless it was of another address.
 */
export function useResource<T>(path: string, schema: z.ZodType<T>, version: string): Resource<T> {
  const [held, setHeld] = useState<{ path: string; data: T | null; hasFailed: boolean }>({
    path,
    data: null,
    hasFailed: false,
  });
  const [attempts, setAttempts] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` and `attempts` only say that it is to be asked again.
  useEffect(() => {
    const controller = new AbortController();
    const { signal } = controller;
    callApi(path, schema, { signal }).then(
      (data) => {
        if (!signal.aborted) setHeld({ path, data, hasFailed: false });
      },
      () => {
        if (signal.aborted) return;
        setHeld((earlier) => ({
          path,
          data: earlier.path === path ? earlier.data : null,
          hasFailed: true,
        }));
      },
    );
    return () => controller.abort();
  }, [path, schema, version, attempts]);

  const retry = useCallback(() => {
    setHeld((earlier) => ({ ...earlier, hasFailed: false }));
    setAttempts((count) => count + 1);
  }, []);
  const isCurrent = held.path === path;
  return { data: isCurrent ? held.data : null, hasFailed: isCurrent && held.hasFailed, retry };
}
