"use client";

import { useSyncExternalStore } from "react";

/** The default address of `npm start`; the browser knows better once it has the page. */
const usualOrigin = "http://127.0.0.1:3000";

const subscribe = () => () => undefined;

/** The API's address as this visitor reaches it. */
export function useBaseUrl(): string {
  const origin = useSyncExternalStore(
    subscribe,
    () => window.location.origin,
    () => usualOrigin,
  );
  return `${origin}/v1`;
}
